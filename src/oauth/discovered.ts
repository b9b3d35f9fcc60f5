import {
  allowInsecureRequests,
  type AuthorizationServer,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from "oauth4webapi";
import { deadline } from "../base/deadline.ts";
import { TdauthError } from "../base/errors.ts";
import { limitedText, networkReason } from "../base/network.ts";
import { isLoopback, secureUrl } from "../base/loopback.ts";
import type { ClientAuthentication, Provider } from "../providers/provider.ts";

/** Options of {@linkcode discover}. */
export interface DiscoverOptions {
  /**
   * The scope to request.
   * @default {openid offline_access, as far as the metadata offers them}
   */
  readonly scope?: string;
  /** The origin that tokens may be sent to. @default {the issuer's} */
  readonly apiOrigin?: string;
  /** The `fetch` to use. @default {globalThis.fetch} */
  readonly fetch?: typeof fetch;
  /** Ends the requests. */
  readonly signal?: AbortSignal;
}

/** How long the metadata may take, in milliseconds. */
const TIMEOUT = 15_000;

/**
 * Asks an issuer for its metadata, by OpenID Connect Discovery 1.0 and, where
 * that is not there, by RFC 8414, and makes a provider of it.
 *
 * @param issuer The issuer identifier, an https URL; http is allowed only on loopback.
 * @param options The scope, the API's origin, and the edges.
 * @returns The provider.
 * @throws {TdauthError} `invalid_options` when the issuer is not such a URL;
 * `broker_unavailable` when it cannot be reached; `unexpected_answer` when its
 * metadata is missing, is another issuer's, or lacks an endpoint.
 *
 * @example
 * ```ts ignore
 * import { authorize, discover } from "@tdauth/tdauth";
 *
 * const td = await authorize({
 *   provider: await discover("https://login.example.com"),
 *   consumerKey: "my-client-id",
 *   callbackUrl: "http://127.0.0.1:8080/callback",
 * });
 * ```
 */
export async function discover(
  issuer: string,
  options: DiscoverOptions = {},
): Promise<Provider> {
  const url = issuerUrl(issuer);
  const metadata = await fetchMetadata(url, issuer, options);
  const { authorization_endpoint, token_endpoint, revocation_endpoint } =
    metadata;
  const { device_authorization_endpoint } = metadata;
  for (const endpoint of [authorization_endpoint, token_endpoint]) {
    if (endpoint === undefined || !secureUrl(endpoint)) {
      throw notUnderstood(
        issuer,
        "its authorization or token endpoint is missing or not https",
      );
    }
  }
  const scope = options.scope ?? offlineScope(metadata);
  return {
    id: issuer,
    name: url.host,
    issuer: metadata.issuer,
    authorizationEndpoint: authorization_endpoint ?? "",
    tokenEndpoint: token_endpoint ?? "",
    ...(revocation_endpoint !== undefined && secureUrl(revocation_endpoint) && {
      revocationEndpoint: revocation_endpoint,
    }),
    ...(device_authorization_endpoint !== undefined &&
      secureUrl(device_authorization_endpoint) && {
      deviceAuthorizationEndpoint: device_authorization_endpoint,
    }),
    issInResponse:
      metadata.authorization_response_iss_parameter_supported === true,
    apiOrigin: options.apiOrigin ?? url.origin,
    pkce: metadata.code_challenge_methods_supported?.includes("S256") === true,
    ...clientAuthentication(metadata),
    ...(scope !== "" && { scope }),
    // OpenID Connect Core §11: without prompt=consent a request for offline_access is ignored.
    ...(scope.split(" ").includes("offline_access") &&
      scope.split(" ").includes("openid") && {
      authorizationParameters: { prompt: "consent" },
    }),
  };
}

function issuerUrl(issuer: string): URL {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (
    url === undefined || !secureUrl(issuer) || url.search !== "" ||
    url.hash !== "" || url.username !== ""
  ) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${issuer}" as a provider: it is not an issuer's https URL`,
      {
        hint:
          "plain http is allowed only for an issuer on this machine (127.0.0.1, [::1], localhost)",
      },
    );
  }
  return url;
}

async function fetchMetadata(
  url: URL,
  issuer: string,
  options: DiscoverOptions,
): Promise<AuthorizationServer> {
  using limit = deadline(TIMEOUT);
  let last = "";
  for (const algorithm of ["oidc", "oauth2"] as const) {
    let response: Response;
    try {
      response = await discoveryRequest(url, {
        algorithm,
        signal: options.signal
          ? AbortSignal.any([options.signal, limit.signal])
          : limit.signal,
        [allowInsecureRequests]: isLoopback(url),
        ...(options.fetch && { [customFetch]: options.fetch as never }),
      });
    } catch (error) {
      throw unreachable(issuer, error, options);
    }
    if (response.status === 429 || response.status >= 500) {
      await response.body?.cancel();
      throw new TdauthError(
        "broker_unavailable",
        `Cannot read the metadata of "${issuer}": it returned ${response.status}`,
        { hint: "try again later" },
      );
    }
    const type = response.headers.get("content-type") ?? "";
    if (response.status !== 200 || !/^application\/json\b/i.test(type)) {
      // Some answer 403, or show the same page, wherever there is nothing.
      await response.body?.cancel();
      last = `${response.status} ${type}`.trim();
      continue;
    }
    const text = await limitedText(response).catch((error) => {
      throw unreachable(issuer, error, options);
    });
    if (text === undefined) {
      throw notUnderstood(issuer, "it is larger than 1 MiB");
    }
    try {
      const { headers } = response;
      return await processDiscoveryResponse(
        url,
        new Response(text, { headers }),
      );
    } catch (error) {
      throw notUnderstood(
        issuer,
        error instanceof Error ? error.message : String(error),
      );
    }
  }
  throw notUnderstood(
    issuer,
    `its well-known URLs return none (last response: ${last})`,
  );
}

function unreachable(
  issuer: string,
  cause: unknown,
  { signal }: DiscoverOptions,
): TdauthError {
  signal?.throwIfAborted();
  return new TdauthError(
    "broker_unavailable",
    `Cannot reach the issuer "${issuer}": ${networkReason(cause)}`,
    { hint: "check the URL and the network" },
  );
}

/** With a secret: Basic, which every server must accept (RFC 6749 §2.3.1), else as in the metadata. */
function clientAuthentication(
  metadata: AuthorizationServer,
): { clientAuthentication?: ClientAuthentication } {
  const offered: unknown = metadata.token_endpoint_auth_methods_supported;
  if (!Array.isArray(offered) || offered.includes("client_secret_basic")) {
    return {};
  }
  const way = (["client_secret_post", "none"] as const)
    .find((way) => offered.includes(way));
  return way === undefined ? {} : { clientAuthentication: way };
}

function offlineScope(metadata: AuthorizationServer): string {
  return ["openid", "offline_access"].filter((scope) =>
    metadata.scopes_supported?.includes(scope)
  ).join(" ");
}

function notUnderstood(issuer: string, why: string): TdauthError {
  return new TdauthError(
    "unexpected_answer",
    `Cannot use the metadata of "${issuer}": ${why}`,
    {
      hint:
        "check the issuer's URL, or define a Provider object with its endpoints",
    },
  );
}
