import { TdauthError } from "../base/errors.ts";
import { apiOriginOf } from "../providers/api_origin.ts";
import type { Provider } from "../providers/provider.ts";

/**
 * Returns the URL of a request to a provider's API, the only place that a token
 * may be sent to.
 *
 * @param provider The provider.
 * @param named The origin that came with the tokens, where it did.
 * @param input A URL, a path of the API, or a request.
 * @returns The URL.
 * @throws {TdauthError} `forbidden_origin` when it is of another origin;
 * `invalid_options` when it has a user name or a password, which the runtime would
 * send in place of the token.
 */
export function apiUrl(
  provider: Provider,
  named: string | undefined,
  input: string | URL | Request,
): URL {
  const origin = apiOriginOf(provider, named);
  const target = input instanceof Request ? input.url : String(input);
  const url = URL.canParse(target, origin)
    ? new URL(target, origin)
    : undefined;
  if (origin === undefined || url?.origin !== new URL(origin).origin) {
    throw new TdauthError(
      "forbidden_origin",
      `Cannot fetch ${
        url === undefined
          ? `"${target.replace(/\/\/[^/?#]*@/, "//")}"`
          // What is no place on the web has no origin: file:, data:.
          : url.origin === "null"
          ? `a "${url.protocol}" URL`
          : url.origin
      } with the access token: ${
        origin === undefined
          ? provider.apiOriginFrom === undefined
            ? "the provider has no API origin"
            : "the provider names its API with each token, and named none that may be used"
          : `it may only be sent to ${origin}`
      }`,
      {
        hint: origin === undefined && provider.apiOriginFrom !== undefined
          ? { text: "imported tokens lack it; run", command: ["refresh"] }
          : {
            text:
              "use the global fetch for other origins; if this is the provider's API, set apiOrigin (TD_API_ORIGIN), or run",
            command: ["configure", "--api-origin", "ORIGIN"],
          },
      },
    );
  }
  if (url.username + url.password !== "") {
    throw new TdauthError(
      "invalid_options",
      "Cannot fetch a URL with credentials: the access token authenticates you",
      { hint: "remove the part before the @" },
    );
  }
  return url;
}
