import * as oauth from "oauth4webapi";
import { isLoopback } from "../base/loopback.ts";
import type { Provider } from "../providers/provider.ts";
import { brokerFetch } from "./broker_fetch.ts";
import { type App, clientId } from "./client.ts";
import type { ClientAttempts, ClientRecord } from "./client_attempts.ts";

/** Edges of a request to a broker. */
export interface ProtocolOptions {
  /** The `fetch` to use. */
  readonly fetch: typeof fetch;
  /** Ends the request. */
  readonly signal?: AbortSignal;
  /** How the broker has accepted or rejected the client before. */
  readonly client?: ClientRecord | undefined;
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
  /** Counts the requests that carry the client's secret. @default {three more} */
  readonly attempts?: ClientAttempts;
}

/** How a request to a broker is put together. */
export interface RequestOptions extends ProtocolOptions {
  /** Whether it presents a refresh token, which may be replaced. @default {false} */
  readonly refreshes?: boolean;
}

/** The provider and the app in the library's words. */
export interface RequestParts {
  /** The provider. */
  readonly as: oauth.AuthorizationServer;
  /** The app. */
  readonly client: oauth.Client;
  /** The `fetch` and what ends it. */
  readonly edges: oauth.TokenEndpointRequestOptions;
}

/** How long one request to a broker may take, in milliseconds. */
const TIMEOUT = 10_000;
/**
 * How long a refresh may take where the broker may replace the refresh token, in
 * milliseconds: it has replaced it before its answer comes, and a caller that does not
 * wait for that has lost the login.
 */
const ROTATION_TIMEOUT = 60_000;

/** Puts a request's provider and app into the library's words, with a limit of its own. */
export function requestParts(
  provider: Provider,
  app: App,
  options: RequestOptions,
): RequestParts {
  const endpoint = new URL(provider.tokenEndpoint);
  const as: oauth.AuthorizationServer = {
    issuer: provider.issuer ?? endpoint.origin,
    token_endpoint: provider.tokenEndpoint,
    ...(provider.revocationEndpoint !== undefined &&
      { revocation_endpoint: provider.revocationEndpoint }),
    ...(provider.deviceAuthorizationEndpoint !== undefined &&
      { device_authorization_endpoint: provider.deviceAuthorizationEndpoint }),
    authorization_response_iss_parameter_supported:
      provider.issInResponse === true,
  };
  const rotates = options.refreshes === true &&
    provider.rotatesRefreshToken !== false;
  return {
    as,
    client: { client_id: clientId(provider, app.consumerKey) },
    edges: {
      [oauth.customFetch]: brokerFetch(
        provider,
        options.fetch,
        rotates ? ROTATION_TIMEOUT : TIMEOUT,
      ),
      [oauth.allowInsecureRequests]: isLoopback(endpoint),
      ...(options.signal && { signal: options.signal }),
    },
  };
}
