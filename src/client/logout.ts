import type { App } from "../oauth/client.ts";
import type { StoredTokens } from "../cache/stored_tokens.ts";
import { exclusivelyOr } from "../cache/exclusively_or.ts";
import { ClientAttempts } from "../oauth/client_attempts.ts";
import { type ProtocolOptions, revokeToken } from "../oauth/protocol.ts";
import type { Provider } from "../providers/provider.ts";
import { issuedBy } from "../token/token.ts";

/** Options of {@linkcode logout}. */
export interface LogoutOptions
  extends Omit<ProtocolOptions, "client" | "attempts"> {
  /** Where the tokens are. */
  readonly cache: StoredTokens;
  /** The provider: tokens of another id are forgotten, and not sent to this one; `get` is called only when there is something to revoke. */
  readonly provider: {
    readonly id: string;
    readonly get: () => Promise<Provider>;
  };
  /** The app. */
  readonly app: App;
  /** Hears how far it has come: it has its turn, and the tokens are forgotten. */
  readonly onStep?: (step: "turn" | "forgotten") => void;
}

/**
 * Revokes the tokens where the broker can (RFC 7009), and empties the cache even
 * when that fails: a user who logs out wants the tokens gone from this machine.
 *
 * @param options The cache, the provider, the app and the edges.
 * @returns Whether there was anything to revoke and a place to do it.
 * @throws {TdauthError} When the tokens could not be revoked; the cache is empty all
 * the same. `cache_unreadable` when it is not: it was told all the same, and one such
 * as Redis forgets the tokens when it is back.
 */
export async function logout(options: LogoutOptions): Promise<boolean> {
  const { cache, app, onStep } = options;
  const forget = async () => {
    await cache.clear();
    onStep?.("forgotten");
  };
  const run = async () => {
    onStep?.("turn");
    try {
      const tokens = await cache.load();
      if (
        tokens.refreshToken.token === undefined &&
        tokens.accessToken.token === undefined
      ) return false;
      if (!issuedBy(tokens, options.provider.id)) return false;
      const provider = await options.provider.get();
      let revoked = false;
      const request = {
        ...options,
        client: tokens.client,
        attempts: new ClientAttempts(),
      };
      for (const kind of ["refresh_token", "access_token"] as const) {
        const { token } = kind === "refresh_token"
          ? tokens.refreshToken
          : tokens.accessToken;
        if (token !== undefined) {
          revoked = await revokeToken(provider, app, token, kind, request) ||
            revoked;
        }
      }
      return revoked;
    } finally {
      await forget();
    }
  };
  return await exclusivelyOr(cache, run, async (error) => {
    await forget();
    throw error;
  }, options.signal);
}
