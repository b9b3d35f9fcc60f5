import type { Provider } from "./provider.ts";
import { brokerId, type BrokerOptions, type Preset } from "./preset.ts";

/**
 * TD Ameritrade's API, which closed in May 2024 when its accounts had moved to
 * Charles Schwab. It is here for those who keep or test programs written for it,
 * against the practice broker, and for its token files.
 *
 * @param options Where it is.
 * @returns The provider.
 *
 * @example
 * ```ts
 * import { tdAmeritrade } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * assert.equal(tdAmeritrade().consumerKeySuffix, "@AMER.OAUTHAP");
 * ```
 */
export function tdAmeritrade(options: BrokerOptions = {}): Provider {
  const { origin } = options;
  return {
    id: brokerId("tdameritrade", options),
    name: "TD Ameritrade",
    authorizationEndpoint: `${origin ?? "https://auth.tdameritrade.com"}/auth`,
    tokenEndpoint: `${
      origin ?? "https://api.tdameritrade.com"
    }/v1/oauth2/token`,
    apiOrigin: origin ?? "https://api.tdameritrade.com",
    clientAuthentication: "none",
    pkce: false,
    // Without it the exchange returns only an access token.
    exchangeParameters: { access_type: "offline" },
    // It warned users who requested a new refresh token on every refresh.
    renewal: { parameters: { access_type: "offline" }, within: 7 * 86_400 },
    consumerKeySuffix: "@AMER.OAUTHAP",
    accessTokenLifetime: 1800,
    refreshTokens: "always",
    refreshTokenLifetime: 7_776_000,
    // A new one is issued only on request, and the old one stays valid.
    rotatesRefreshToken: false,
    ...(origin === undefined && {
      closed: {
        why: "TD Ameritrade closed its API in May 2024",
        hint: {
          text:
            "accounts moved to Charles Schwab: register an app at developer.schwab.com, then run",
          command: ["configure", "--provider", "schwab"],
        },
      },
    }),
  };
}

/** What tdauth knows of it besides. */
export const tdAmeritradePreset: Preset = {
  provider: tdAmeritrade,
  about: "Closed in May 2024; for the practice broker.",
  // Its apps were public clients, which never had one.
  secret: "none",
  assumedFor: "no secret",
  exampleCallbackUrl: "http://localhost:8080",
};
