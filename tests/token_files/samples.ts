/** Token files as the other programs write them, with a login at a given time. */

/** How an access and a refresh token of these tests begin; none may be shown. */
export const ACCESS = "CANARY-FILE-ACCESS";
export const REFRESH = "CANARY-FILE-REFRESH";

const iso = (seconds: number) =>
  new Date(seconds * 1000).toISOString().replace(".000Z", ".000000+00:00");

/** The files by what they are, each with the format that it must be found to have. */
export function samples(
  login: number,
  issued: number,
  refresh: string = REFRESH,
  access: string = ACCESS,
): Record<string, { format: string; file: Record<string, unknown> }> {
  const schwab = {
    expires_in: 1800,
    token_type: "Bearer",
    scope: "api",
    refresh_token: refresh,
    access_token: access,
    id_token: "CANARY-FILE-ID",
  };
  const tda = {
    access_token: access,
    refresh_token: refresh,
    scope: "PlaceTrades AccountAccess MoveMoney",
    expires_in: 1800,
    refresh_token_expires_in: 7_776_000,
    token_type: "Bearer",
    expires_at: issued + 1800,
  };
  const { id_token: _, ...goToken } = schwab;
  const entries = {
    refresh_token: {
      token: refresh,
      access_time: login,
      expires_in: 7_776_000,
    },
    access_token: { token: access, access_time: issued, expires_in: 1800 },
  };
  return {
    "schwab-py": {
      format: "schwab-py",
      file: {
        creation_timestamp: login,
        token: { ...schwab, expires_at: issued + 1800 },
      },
    },
    "schwab-go, which has no id_token": {
      format: "schwab-py",
      file: {
        creation_timestamp: login,
        token: { ...goToken, expires_at: issued + 1800 },
      },
    },
    "schwab_rb, which says timestamp": {
      format: "schwab-py",
      file: {
        timestamp: login,
        token: { ...schwab, expires_at: issued + 1800 },
      },
    },
    "Schwabdev 2": {
      format: "schwabdev-2",
      file: {
        access_token_issued: iso(issued),
        refresh_token_issued: iso(login),
        token_dictionary: schwab,
      },
    },
    "tda-api": {
      format: "tda-api",
      file: { creation_timestamp: login, token: tda },
    },
    "pyTD": { format: "pytd", file: entries },
    "tdauth": {
      format: "tdauth",
      file: {
        ...entries,
        version: 1,
        provider: "tdameritrade",
        consumer_key: "KEY",
        login_time: login,
      },
    },
  };
}

/** The bytes of a JSON file. */
export function bytesOf(file: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(file));
}
