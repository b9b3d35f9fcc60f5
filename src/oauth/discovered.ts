import { TdauthError } from "../base/errors.ts";
import { mayName, secureUrl } from "../base/loopback.ts";
import { checkUserAgent } from "../providers/check_provider.ts";
import type { ClientAuthentication, Provider } from "../providers/provider.ts";
import { fetchMetadata, type Metadata, notUnderstood } from "./metadata.ts";

/** Options of {@linkcode discover}. */
export interface DiscoverOptions {
  /**
   * The scope to request.
   * @default {openid offline_access, as far as the metadata offers them}
   */
  readonly scope?: string;
  /** The origin that tokens may be sent to. @default {the issuer's} */
  readonly apiOrigin?: string;
  /** How the client authenticates. @default {as the metadata offers} */
  readonly clientAuthentication?: ClientAuthentication;
  /** The `User-Agent` of all requests to the provider, printable ASCII. @default {the library's and the runtime's} */
  readonly userAgent?: string;
  /** The `fetch` to use. @default {globalThis.fetch} */
  readonly fetch?: typeof fetch;
  /** Ends the requests. */
  readonly signal?: AbortSignal;
}

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
  checkUserAgent(options);
  const metadata = await fetchMetadata(url, issuer, options);
  refuseUnsupported(issuer, metadata, options);
  const revocationEndpoint = endpointIn(metadata, "revocation_endpoint", url);
  const deviceAuthorizationEndpoint = endpointIn(
    metadata,
    "device_authorization_endpoint",
    url,
  );
  const scope = options.scope ?? offlineScope(metadata);
  return {
    id: issuer,
    name: url.host,
    issuer: metadata.issuer,
    authorizationEndpoint: neededEndpoint(
      metadata,
      "authorization_endpoint",
      url,
      issuer,
    ),
    tokenEndpoint: neededEndpoint(metadata, "token_endpoint", url, issuer),
    ...(revocationEndpoint !== undefined && { revocationEndpoint }),
    ...(deviceAuthorizationEndpoint !== undefined && {
      deviceAuthorizationEndpoint,
    }),
    issInResponse:
      metadata["authorization_response_iss_parameter_supported"] === true,
    apiOrigin: options.apiOrigin ?? url.origin,
    ...(options.userAgent !== undefined && { userAgent: options.userAgent }),
    ...responseMode(metadata),
    ...clientAuthentication(metadata, options),
    announcedAuthentications: announced(metadata),
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
    url.hash !== "" || url.username + url.password !== ""
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

/**
 * An endpoint that the metadata name. Metadata of another machine name none on
 * this one (security checklist, line 55).
 */
function endpointIn(
  metadata: Metadata,
  name: string,
  issuer: URL,
): string | undefined {
  const endpoint = metadata[name];
  return mayName(endpoint, issuer) ? endpoint : undefined;
}

function neededEndpoint(
  metadata: Metadata,
  name: string,
  url: URL,
  issuer: string,
): string {
  const endpoint = endpointIn(metadata, name, url);
  if (endpoint !== undefined) return endpoint;
  throw notUnderstood(
    issuer,
    metadata[name] === undefined
      ? `it has no ${name}`
      : `its ${name} is not https, or is on this machine`,
  );
}

/** The ways of a client to authenticate that tdauth has. */
const WAYS = ["client_secret_basic", "client_secret_post", "none"] as const;

/** Refuses a provider at which every login would fail, with what it requires. */
function refuseUnsupported(
  issuer: string,
  metadata: Metadata,
  { clientAuthentication }: DiscoverOptions,
): void {
  if (metadata["require_pushed_authorization_requests"] === true) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${issuer}" as a provider: it requires pushed authorization requests (PAR), which tdauth does not send`,
      { hint: "ask its administrator for an app that does not require them" },
    );
  }
  const offered = texts(metadata["token_endpoint_auth_methods_supported"]);
  const usable = clientAuthentication !== undefined || offered.length === 0 ||
    WAYS.some((way) => offered.includes(way));
  if (usable) return;
  throw new TdauthError(
    "invalid_options",
    `Cannot use "${issuer}" as a provider: apps authenticate there only by ${
      offered.join(", ")
    }, which tdauth does not support`,
    {
      hint:
        "ask its administrator for an app with a secret or without any; if it accepts another way than it says, set --client-auth",
    },
  );
}

/** Where a server sends redirects only as forms, they are asked for as forms. */
function responseMode(metadata: Metadata): Pick<Provider, "responseMode"> {
  const modes = texts(metadata["response_modes_supported"]);
  return modes.includes("form_post") && !modes.includes("query")
    ? { responseMode: "form_post" }
    : {};
}

/** With a secret: Basic, which every server must accept (RFC 6749 §2.3.1), else as in the metadata. */
function clientAuthentication(
  metadata: Metadata,
  { clientAuthentication: chosen }: DiscoverOptions,
): Pick<Provider, "clientAuthentication"> {
  const offered = texts(metadata["token_endpoint_auth_methods_supported"]);
  const way = chosen ?? WAYS.find((way) => offered.includes(way));
  return way === undefined || (way === "client_secret_basic" && !chosen)
    ? {}
    : { clientAuthentication: way };
}

/** The ways to authenticate; RFC 8414 §2 has the default. */
function announced(metadata: Metadata): readonly string[] {
  const offered = metadata["token_endpoint_auth_methods_supported"];
  return Array.isArray(offered) ? texts(offered) : ["client_secret_basic"];
}

function offlineScope(metadata: Metadata): string {
  const offered = texts(metadata["scopes_supported"]);
  return ["openid", "offline_access"].filter((scope) => offered.includes(scope))
    .join(" ");
}

/** The texts of a list; none of what is no list. */
function texts(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value.filter((one): one is string => typeof one === "string")
    : [];
}
