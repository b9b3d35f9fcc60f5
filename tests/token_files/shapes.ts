/** Files that are no program's own, with the tokens of `samples.ts`. */
import { ACCESS, REFRESH } from "./samples.ts";

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

/** What a file says, beside its refresh token. */
export interface Says {
  /** When the access token expires, if it is kept. */
  readonly accessExpiry?: number;
  /** When the refresh token expires, if that is known. */
  readonly refreshExpiry?: number;
  /** The app. */
  readonly consumerKey?: string;
}

/** The texts by what they are, each with its format and what it says. */
export function shapes(
  issued: number,
  refresh: string = REFRESH,
  access: string = ACCESS,
): Record<string, { format: string; text: string; says: Says }> {
  const accessExpiry = issued + 1800;
  const refreshExpiry = issued + 604_800;
  const answer = {
    access_token: access,
    token_type: "Bearer",
    expires_in: 1800,
    refresh_token: refresh,
    scope: "api",
    id_token: "CANARY-FILE-ID",
  };
  const json = (file: unknown) => JSON.stringify(file);
  const jsonOf = (says: Says, file: unknown) => ({
    format: "token-answer",
    text: json(file),
    says,
  });
  const env = (says: Says, ...lines: string[]) => ({
    format: "dotenv",
    text: lines.join("\n"),
    says,
  });
  const bare = (text: string) => ({ format: "refresh-token", text, says: {} });
  return {
    "a raw token answer": jsonOf({}, answer),
    "a raw answer of another provider than TD Ameritrade with the refresh token's lifetime":
      jsonOf({}, { ...answer, scope: "repo", refresh_token_expires_in: 100 }),
    "a raw answer with numbers as texts": jsonOf({}, {
      ...answer,
      expires_in: "1800",
    }),
    "an object with the refresh token alone": jsonOf({}, {
      refresh_token: refresh,
    }),
    "a token of requests-oauthlib or Authlib": jsonOf({ accessExpiry }, {
      ...answer,
      expires_at: accessExpiry + 0.25,
    }),
    "a token of Go's oauth2": jsonOf({ accessExpiry }, {
      access_token: access,
      token_type: "Bearer",
      refresh_token: refresh,
      expiry: iso(accessExpiry),
    }),
    "a token of Go's oauth2 without an expiry": jsonOf({}, {
      access_token: access,
      refresh_token: refresh,
      expiry: "0001-01-01T00:00:00Z",
    }),
    "credentials of google-auth-library": jsonOf({ accessExpiry }, {
      access_token: access,
      refresh_token: refresh,
      expiry_date: accessExpiry * 1000,
    }),
    "credentials of google-auth": jsonOf({ accessExpiry, consumerKey: "APP" }, {
      token: access,
      refresh_token: refresh,
      client_id: "APP",
      client_secret: "CANARY-FILE-SECRET",
      expiry: iso(accessExpiry).replace("Z", ""),
    }),
    "a session in camel case": jsonOf({ accessExpiry }, {
      accessToken: access,
      refreshToken: refresh,
      expiresAt: accessExpiry * 1000,
    }),
    "a token with both expiries": jsonOf({ accessExpiry, refreshExpiry }, {
      ...answer,
      expires_at: accessExpiry,
      refresh_token_expires_at: iso(refreshExpiry),
    }),
    "a token with its time of issue": jsonOf({ accessExpiry }, {
      ...answer,
      created_at: issued,
    }),
    "an expiry of 0": jsonOf({}, { ...answer, expires_at: 0 }),
    "a secrets manager's JSON": jsonOf({ accessExpiry }, {
      SCHWAB_ACCESS_TOKEN: access,
      SCHWAB_REFRESH_TOKEN: refresh,
      SCHWAB_EXPIRES_AT: `${accessExpiry}`,
      OTHER_EXPIRES_AT: "1",
    }),
    "a secrets manager's .env": env(
      { accessExpiry, refreshExpiry },
      "# of the manager",
      `ACCESS_TOKEN="${access}"`,
      `ACCESS_TOKEN_EXPIRES_AT=${iso(accessExpiry)}`,
      `REFRESH_TOKEN='${refresh}'`,
      `REFRESH_TOKEN_EXPIRES_AT=${refreshExpiry} # seconds`,
      `CERTIFICATE="-----BEGIN`,
      "REFRESH_TOKEN=x",
      `-----END"`,
    ),
    "a .env of one line": env({}, `export TD_REFRESH_TOKEN=${refresh}`),
    "a .env for PowerShell": env({}, `$env:REFRESH_TOKEN = "${refresh}"`),
    "a .env with the app": env(
      { consumerKey: "APP" },
      `MY_CLIENT_ID=APP`,
      `MY_REFRESH_TOKEN=${refresh}`,
      `YOUR_REFRESH_TOKEN=`,
      `HIS_REFRESH_TOKEN=null`,
    ),
    "a bare refresh token": bare(refresh),
    "a bare refresh token in quotes": bare(`"${refresh}"`),
  };
}
