import { brokerId, type BrokerOptions, type Preset } from "./preset.ts";
import type { Provider } from "./provider.ts";

/**
 * TradeStation's API, version 3, for a key that its client service issued. Access
 * tokens live 20 minutes; the refresh token has no end, unless the key was changed
 * to tokens that rotate, whose logins end after a day.
 *
 * All of it is from TradeStation's documentation; nothing was tried there.
 *
 * @param options Where it is, when not at TradeStation.
 * @returns The provider.
 *
 * @example
 * ```ts
 * import { tradeStation } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * assert.equal(tradeStation().apiOrigin, "https://api.tradestation.com");
 * ```
 */
export function tradeStation(options: BrokerOptions = {}): Provider {
  const { origin } = options;
  const signIn = origin ?? "https://signin.tradestation.com";
  return {
    id: brokerId("tradestation", options),
    name: "TradeStation",
    authorizationEndpoint: `${signIn}/authorize`,
    tokenEndpoint: `${signIn}/oauth/token`,
    // No revocationEndpoint, though it has one: to revoke one refresh token ends
    // those of all users of the key, and a logout here must not.
    apiOrigin: origin ?? "https://api.tradestation.com",
    clientAuthentication: "client_secret_post",
    // Documented for keys that were changed to it. That it is taken from other keys
    // as well is a guess: it is an Auth0 server, and those check what is sent.
    pkce: true,
    scope: "openid offline_access MarketData ReadAccount Trade",
    // Without it Auth0 issues a token that the API rejects.
    authorizationParameters: { audience: "https://api.tradestation.com" },
    accessTokenLifetime: 1200,
    // Only at the key's owner's request; it cannot be seen from here.
    rotatesRefreshToken: true,
    troubleHint:
      "compare the key and the secret with what TradeStation sent, and use a callback URL of the key: it accepts no others",
  };
}

/** What tdauth knows of it besides. */
export const tradeStationPreset: Preset = {
  provider: tradeStation,
  about: "A login has no end, unless its tokens rotate.",
  // Keys for PKCE have none.
  secret: "optional",
  // One of those that its documentation allows every key.
  exampleCallbackUrl: "http://localhost:8080",
  portal: "api.tradestation.com",
};
