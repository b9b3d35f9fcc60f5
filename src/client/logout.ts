import type { App } from "../oauth/client.ts";
import type { StoredTokens } from "../cache/stored_tokens.ts";
import { exclusivelyOr } from "../cache/exclusively_or.ts";
import { type ProtocolOptions, revokeToken } from "../oauth/protocol.ts";
import type { Provider } from "../providers/provider.ts";
import { TdauthError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { withHint } from "../base/with_hint.ts";
import { issuedBy, type Tokens } from "../token/token.ts";
import { beginAttempts } from "./client_journal.ts";
import { isSpent } from "./journal.ts";
import { waitingFor } from "../cache/with_lock_timeout.ts";

/** How long, in seconds, to wait for a refresh in progress; then the tokens are deleted all the same. */
const LOCK_TIMEOUT = 60;

/** What a logout has done, besides that it emptied the cache. */
export interface LogoutResult {
  /** Whether the broker revoked the tokens. */
  readonly revoked: boolean;
  /**
   * Until when those that it did not revoke stay valid, in seconds since the
   * epoch; `Infinity` when that is unknown, absent when there are none.
   */
  readonly validUntil?: number;
}

/** The same, and why the tokens could not be revoked, where that failed. */
export interface LogoutOutcome extends LogoutResult {
  /** What was thrown; absent where nothing failed, also where the broker has no way to revoke. */
  readonly error?: unknown;
}

/** Options of {@linkcode logout}. */
export interface LogoutOptions
  extends Omit<ProtocolOptions, "client" | "attempts" | "onRejected"> {
  /** Where the tokens are. */
  readonly cache: StoredTokens;
  /** The provider: tokens of another id are forgotten, and not sent to this one; `get` is called only when there is something to revoke. */
  readonly provider: {
    readonly id: string;
    readonly get: () => Promise<Provider>;
  };
  /** The app. */
  readonly app: App;
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
  /** Where the tokens are kept, if not here: then they are forgotten, and not revoked. */
  readonly settings?: { readonly keeper?: string | undefined };
  /** Hears how far it has come: it has its turn, and the tokens are forgotten. */
  readonly onStep?: (step: "turn" | "forgotten") => void;
  /** Logs what is waited for. */
  readonly log: Log;
}

/**
 * Revokes the tokens where the broker can (RFC 7009), and empties the cache even
 * when that fails: a user who logs out wants the tokens gone from this machine.
 *
 * @param options The cache, the provider, the app and the edges.
 * @returns What was revoked, what was not, and the error if that failed.
 * @throws {TdauthError} `cache_unreadable` when the cache is not empty: it was told
 * all the same, and one such as Redis forgets the tokens when it is back.
 */
export async function logout(options: LogoutOptions): Promise<LogoutOutcome> {
  const { cache, onStep } = options;
  const forget = async () => {
    await cache.clear();
    onStep?.("forgotten");
  };
  const run = async () => {
    onStep?.("turn");
    try {
      return await revokeAll(options, await cache.load());
    } finally {
      await forget();
    }
  };
  return await exclusivelyOr(cache, run, async (error) => {
    await forget();
    throw error;
  }, {
    timeout: LOCK_TIMEOUT,
    onTimeout: busy,
    onWait: (who) => options.log("warning", waitingFor(who)),
    ...(options.signal && { signal: options.signal }),
  });
}

function busy(who: string): TdauthError {
  return new TdauthError(
    "busy",
    `Cannot revoke the tokens: ${who} has held their lock for ${LOCK_TIMEOUT} seconds`,
    {
      hint: {
        text:
          "the stored tokens are gone, unless that process brings them back: end it, and log out again:",
        command: ["logout"],
      },
    },
  );
}

/** Revokes tokens until one cannot be revoked because of an error, and finds how long what is left stays valid. */
async function revokeAll(
  options: LogoutOptions,
  tokens: Tokens,
): Promise<LogoutOutcome> {
  const { app, settings } = options;
  const all = [
    ["refresh_token", tokens.refreshToken],
    ["access_token", tokens.accessToken],
  ] as const;
  // The broker said often enough that it is dead: it is sent no more, even to end it.
  const spent = isSpent(tokens) ? tokens.refreshToken : undefined;
  const left = new Set(
    all.map(([, token]) => token).filter((token) => token !== spent),
  );
  let revoked = false;
  // The keeper and its other followers use the same.
  if (settings?.keeper !== undefined) return { revoked };
  const outcome = () => {
    const ends = [...left].filter(({ valid }) => valid)
      .map(({ expiry }) => expiry);
    return {
      revoked,
      ...(ends.length > 0 && { validUntil: Math.max(...ends) }),
    };
  };
  const own = issuedBy(tokens, options.provider.id);
  const present = all.filter(([, token]) =>
    own && token.token !== undefined && left.has(token)
  );
  if (present.length === 0) return outcome();
  try {
    const provider = await options.provider.get();
    const request = {
      ...options,
      client: tokens.client,
      attempts: await beginAttempts(
        { now: Date.now, ...options },
        provider,
        tokens,
        "revocation",
      ),
    };
    for (const [kind, token] of present) {
      if (await revokeToken(provider, app, String(token), kind, request)) {
        revoked = true;
        left.delete(token);
      }
    }
    return outcome();
  } catch (error) {
    return { ...outcome(), error: notRevoked(error, options.signal) };
  }
}

/** The error of a revocation, with a hint that is still true when the tokens are gone. */
function notRevoked(error: unknown, signal?: AbortSignal): unknown {
  if (!(error instanceof TdauthError) || signal?.aborted) return error;
  return withHint(
    error,
    "the stored tokens are gone, so this cannot be repeated: withdraw the app's access in your account there",
  );
}
