import type { Provider } from "./provider.ts";
import { brokerId, type BrokerOptions, type Preset } from "./preset.ts";

/**
 * Charles Schwab's Trader API, for an app of its developer portal. Access tokens
 * live 30 minutes; the refresh token lives seven days from the login, and a new
 * login ends it immediately.
 *
 * @param options Where it is, when not at Schwab.
 * @returns The provider.
 *
 * @example
 * ```ts
 * import { schwab } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * assert.equal(schwab().apiOrigin, "https://api.schwabapi.com");
 * ```
 */
export function schwab(options: BrokerOptions = {}): Provider {
  const origin = options.origin ?? "https://api.schwabapi.com";
  return {
    id: brokerId("schwab", options),
    name: "Charles Schwab",
    authorizationEndpoint: `${origin}/v1/oauth/authorize`,
    tokenEndpoint: `${origin}/v1/oauth/token`,
    apiOrigin: origin,
    // Schwab compares the decoded header with key:secret; percent-encoding, as RFC 6749 asks, fails.
    clientAuthentication: "client_secret_raw_basic",
    // Schwab's documentation does not mention PKCE, so what it does with one is unknown.
    pkce: false,
    accessTokenLifetime: 1800,
    refreshTokens: "always",
    // Schwab sends no lifetime; it documents seven days, which no refresh extends.
    refreshTokenLifetime: 604_800,
    refreshTokenLifetimeFrom: "login",
    rotatesRefreshToken: false,
    // Users report that a second login immediately ends the tokens of the first.
    loginEndsOthers: true,
    // Schwab's errors for a refresh token that has expired or was replaced by a newer login.
    loginNeededErrors: [
      { error: "unsupported_token_type", description: "refresh" },
      { error: "refresh_token_authentication_error" },
      { error: "invalid_client", description: "refresh token" },
    ],
    httpsCallbackOnly: true,
    localhostWarning:
      "Schwab requires https://127.0.0.1:PORT rather than localhost",
    troubleHint:
      'compare the key and the secret with the developer portal, and check there that the app is "Ready For Use" (a new or changed app can take days) and that its callback URL is exactly the same',
  };
}

/** What tdauth knows of it besides. */
export const schwabPreset: Preset = {
  provider: schwab,
  about: "A login lasts seven days.",
  // Schwab issues a secret to every app.
  secret: "needed",
  assumedFor: "secret",
  exampleCallbackUrl: "https://127.0.0.1:8182",
  portal: "developer.schwab.com",
};
