import { brokerId, type BrokerOptions, type Preset } from "./preset.ts";
import type { Provider } from "./provider.ts";

/**
 * tastytrade's API, for an OAuth application of its website. Access tokens live 15
 * minutes; the refresh token has no end. The website also creates one ("Create
 * Grant"), which `tdauth import --format refresh-token` takes in place of a login.
 *
 * All of it is from tastytrade's documentation; nothing was tried there.
 *
 * @param options Where it is, when not at tastytrade.
 * @returns The provider.
 *
 * @example
 * ```ts
 * import { tastytrade } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * assert.equal(tastytrade().apiOrigin, "https://api.tastyworks.com");
 * ```
 */
export function tastytrade(options: BrokerOptions = {}): Provider {
  const { origin } = options;
  const api = origin ?? "https://api.tastyworks.com";
  return {
    id: brokerId("tastytrade", options),
    name: "Tastytrade",
    authorizationEndpoint: `${origin ?? "https://my.tastytrade.com"}/auth.html`,
    // Its examples send JSON. That a form is taken as well, as RFC 6749 asks, is a guess.
    tokenEndpoint: `${api}/oauth/token`,
    apiOrigin: api,
    clientAuthentication: "client_secret_post",
    needsSecret: true,
    // PKCE is not documented. That it is ignored is a guess.
    pkce: true,
    scope: "read trade openid",
    accessTokenLifetime: 900,
    // Its documentation shows no new one in the answer to a refresh, and rules none out.
    rotatesRefreshToken: true,
    // Requests without one of the form product/version are rejected, whatever it says.
    userAgent: "tdauth/1",
    troubleHint:
      "compare the key and the secret with the OAuth application at my.tastytrade.com, and its redirect URI with the callback URL",
  };
}

/** What tdauth knows of it besides. */
export const tastytradePreset: Preset = {
  provider: tastytrade,
  about: "A login or an imported refresh token has no end.",
  secret: "needed",
  // What it accepts besides https is not documented.
  exampleCallbackUrl: "https://127.0.0.1:8182",
  portal: "my.tastytrade.com",
};
