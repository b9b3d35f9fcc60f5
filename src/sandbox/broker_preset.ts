import { randomBase64, randomText } from "./random.ts";
import type { SandboxBroker } from "./sandbox_options.ts";

/** The differences of the two brokers, as plain data. */
export interface BrokerPreset {
  readonly name: string;
  readonly authorizePath: string;
  readonly tokenPath: string;
  readonly consumerKey: string;
  readonly consumerSecret?: string;
  readonly callbackUrl: string;
  /** The suffix of a client id. */
  readonly clientIdSuffix: string;
  readonly scope: string;
  /** In seconds. */
  readonly accessTokenLifetime: number;
  /** In seconds. */
  readonly refreshTokenLifetime: number;
  readonly newCode: () => string;
  readonly newAccessToken: () => string;
  readonly newRefreshToken: () => string;
}

/** The default broker. */
export const DEFAULT_BROKER: SandboxBroker = "schwab";

/** The brokers that it can behave like. */
export const SANDBOX_BROKERS: readonly SandboxBroker[] = [
  "schwab",
  "tdameritrade",
];

/** The made-up issuer in Schwab-like codes and tokens: its base64 needs no padding. */
const ISSUER = btoa("oauth.sandbox.invalid");

/** The two brokers, by name. */
export const presets: Readonly<Record<SandboxBroker, BrokerPreset>> = {
  schwab: {
    name: "Charles Schwab",
    // Schwab's developer documentation, "Authenticate with OAuth".
    authorizePath: "/v1/oauth/authorize",
    tokenPath: "/v1/oauth/token",
    consumerKey: "SANDBOX-APP",
    consumerSecret: "SANDBOX-SECRET",
    callbackUrl: "https://127.0.0.1:8182",
    clientIdSuffix: "",
    scope: "api",
    accessTokenLifetime: 30 * 60,
    refreshTokenLifetime: 7 * 24 * 60 * 60,
    // The shape of real ones: they end in @, which is %40 in the redirect.
    newCode: () => `C0.${ISSUER}.${randomText()}@`,
    newAccessToken: () => `I0.${ISSUER}.${randomText()}@`,
    newRefreshToken: () => `${randomText(66)}@`,
  },
  tdameritrade: {
    name: "TD Ameritrade",
    // TD Ameritrade's developer documentation, "Authentication API".
    authorizePath: "/auth",
    tokenPath: "/v1/oauth2/token",
    consumerKey: "SANDBOX@AMER.OAUTHAP",
    callbackUrl: "http://localhost:8080",
    clientIdSuffix: "@AMER.OAUTHAP",
    scope: "PlaceTrades AccountAccess MoveMoney",
    accessTokenLifetime: 30 * 60,
    refreshTokenLifetime: 90 * 24 * 60 * 60,
    // Long base64 with +, / and =, which a client must decode exactly once.
    newCode: () => randomBase64(640),
    newAccessToken: () => randomBase64(320),
    newRefreshToken: () => randomBase64(400),
  },
};
