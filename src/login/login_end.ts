import { TdauthError } from "../base/errors.ts";
import type { Provider } from "../providers/provider.ts";

/**
 * Makes the error of a login that its caller aborted.
 *
 * @param provider The provider.
 * @param cause The signal's reason.
 */
export function cancelled(
  provider: Pick<Provider, "name">,
  cause: unknown,
): TdauthError {
  return new TdauthError(
    "login_cancelled",
    `Cannot log in to ${provider.name}: the login was cancelled`,
    { hint: { text: "log in again:", command: ["login"] }, cause },
  );
}

/**
 * Formats how long a login took, for people: `5 minutes`, `90 seconds`.
 *
 * @param seconds The time.
 */
export function timeText(seconds: number): string {
  return seconds >= 120 && seconds % 60 === 0
    ? `${seconds / 60} minutes`
    : `${seconds} second${seconds === 1 ? "" : "s"}`;
}
