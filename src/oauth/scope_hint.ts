import type { HintInput } from "../base/hint.ts";
import type { Provider } from "../providers/provider.ts";

/**
 * Suggests another scope to a user whose provider answered `invalid_scope` (RFC
 * 6749 §4.1.2.1): without the values that the answer names, else without
 * `offline_access`, which many servers allow only some apps.
 *
 * @param provider The provider, with the scope that was requested.
 * @param description The answer's `error_description`.
 * @returns The hint.
 */
export function scopeHint(
  { scope = "" }: Pick<Provider, "scope">,
  description: string,
): HintInput {
  const asked = scope.split(" ").filter((value) => value !== "");
  if (asked.length === 0) {
    return {
      text: "set a scope that the provider offers to the app:",
      command: ["login", "--scope", "SCOPE"],
    };
  }
  const words = description.split(/[^\w:/.~-]+/);
  const named = asked.filter((value) => words.includes(value));
  const refused = named.length > 0 && named.length < asked.length
    ? named
    : ["offline_access"];
  const rest = asked.filter((value) => !refused.includes(value));
  return {
    text: "the app may not request all of this scope; try another one:",
    command: [
      "login",
      "--scope",
      rest.length === asked.length || rest.length === 0
        ? "SCOPE"
        : rest.join(" "),
    ],
  };
}
