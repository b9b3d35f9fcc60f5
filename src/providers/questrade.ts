import { brokerId, type BrokerOptions, type Preset } from "./preset.ts";
import type { Provider } from "./provider.ts";

/**
 * Questrade's API, for an app of its API centre. Access tokens live 30 minutes;
 * each refresh replaces the refresh token, which lives seven days. The website also
 * creates one, which `tdauth import --format refresh-token` takes in place of a login.
 *
 * All of it is from Questrade's documentation; nothing was tried there.
 *
 * @param options Where it is, when not at Questrade.
 * @returns The provider.
 *
 * @example
 * ```ts
 * import { questrade } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * assert.equal(questrade().apiOrigin, undefined); // each token answer names it
 * ```
 */
export function questrade(options: BrokerOptions = {}): Provider {
  const origin = options.origin ?? "https://login.questrade.com";
  return {
    id: brokerId("questrade", options),
    name: "Questrade",
    authorizationEndpoint: `${origin}/oauth2/authorize`,
    tokenEndpoint: `${origin}/oauth2/token`,
    // It puts accounts on several servers, and may move them.
    ...(options.origin === undefined
      ? { apiOriginFrom: { api_server: "questrade.com" } }
      : { apiOrigin: options.origin }),
    // "Optional", and not said where it goes: the body is a guess.
    clientAuthentication: "client_secret_post",
    // PKCE is not documented, so what it does with one is unknown.
    pkce: false,
    scopeSeparator: "comma",
    accessTokenLifetime: 1800,
    refreshTokens: "always",
    // Its answers state none; it documents seven days, of each refresh token.
    refreshTokenLifetime: 604_800,
    rotatesRefreshToken: true,
    // By public reports of three clients: the answer to a used or expired one is 400 with this text.
    loginNeededErrors: [{ error: "Bad Request" }],
    troubleHint:
      "compare the consumer key and the callback URL with the app in Questrade's API centre",
  };
}

/** What tdauth knows of it besides. */
export const questradePreset: Preset = {
  provider: questrade,
  about: "A login lasts as long as each week has a refresh.",
  secret: "optional",
  // Its documentation shows https; whether it takes another is not said.
  exampleCallbackUrl: "https://127.0.0.1:8182",
  portal: "www.questrade.com/api",
};
