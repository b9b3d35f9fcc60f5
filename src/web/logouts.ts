import { abortable } from "../base/abortable.ts";
import { StoredTokens } from "../cache/stored_tokens.ts";
import type { TokenCache } from "../cache/token_cache.ts";
import { withLockTimeout } from "../cache/with_lock_timeout.ts";
import type { Context } from "../client/context.ts";
import { TdauthError } from "../base/errors.ts";
import { logout } from "../client/logout.ts";

/** How long, in milliseconds, a logout waits for the lock and for the broker. Then the tokens are deleted. */
const TIMEOUT = 10_000;

/** Whose sessions end. */
interface SessionStore {
  /** The provider and the app. */
  readonly context: Context;
  /** Returns the cache of one session's tokens. */
  readonly cacheFor: (session: string) => TokenCache;
}

/** The logouts in progress in this process. */
export class Logouts {
  readonly #timeout: number;
  readonly #running = new Map<string, Promise<boolean>>();

  /**
   * @param timeout How long one waits for the lock and for the broker, in milliseconds; for the store it may wait as long again.
   */
  constructor(timeout: number = TIMEOUT) {
    this.#timeout = timeout;
  }

  /**
   * Revokes a session's tokens where the broker can and deletes them, once for
   * all concurrent callers: with a store that hangs, each would wait for the
   * one before.
   *
   * @param store Where the tokens are.
   * @param session The session's name.
   * @returns Whether they are deleted.
   */
  end(
    store: SessionStore,
    session: string,
  ): Promise<boolean> {
    const running = this.#running.get(session) ??
      this.#end(store, session).finally(() => this.#running.delete(session));
    this.#running.set(session, running);
    return running;
  }

  async #end(
    { context, cacheFor }: SessionStore,
    session: string,
  ): Promise<boolean> {
    const { log, now } = context;
    let turn = false;
    let forgotten = false;
    const late = new AbortController();
    const tooLate = new AbortController();
    const timers = [late, tooLate].map((controller, index) =>
      setTimeout(
        () => controller.abort(tooLong()),
        (index + 1) * this.#timeout,
      )
    );
    try {
      const { error, validUntil } = await abortable(
        logout({
          ...context,
          cache: new StoredTokens(cacheFor(session), { now }),
          signal: late.signal,
          onStep: (step) => {
            if (step === "turn") turn = true;
            else forgotten = true;
          },
        }),
        tooLate.signal,
      );
      if (error !== undefined) {
        if (!(error instanceof TdauthError)) throw error;
        log("warning", error.message);
      }
      if (validUntil !== undefined) {
        log(
          "info",
          `the tokens of a session are deleted, but ${context.provider.name} did not revoke them: they stay valid until ${
            untilText(validUntil)
          }`,
        );
      }
    } catch (error) {
      // Not forgotten.
      if (!(error instanceof TdauthError)) throw error;
      log("warning", error.message);
      // A refresh that still holds the lock may store new tokens after us.
      if (!turn && error.code !== "cache_unreadable") return false;
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
    return forgotten;
  }
}

/**
 * Deletes the tokens of a session that a new login replaces. They are not
 * revoked: an issuer may revoke the new ones with them.
 *
 * @param store Where the tokens are.
 * @param session The session's name.
 * @param timeout How long to wait for a refresh in progress, in milliseconds.
 */
export async function forgetSession(
  { context, cacheFor }: SessionStore,
  session: string,
  timeout: number = TIMEOUT,
): Promise<void> {
  const cache = cacheFor(session);
  const forget = async (run: () => Promise<void>) => {
    try {
      await run();
      return undefined;
    } catch (error) {
      if (!(error instanceof TdauthError)) throw error;
      // The browser loses that session anyway.
      context.log("warning", error.message);
      return error.code;
    }
  };
  // Under the lock, so that a refresh in progress does not bring the tokens back.
  const failure = await forget(() =>
    withLockTimeout(cache, "refresh", () => cache.clear(), {
      timeout: timeout / 1000,
      onTimeout: tooLong,
    })
  );
  // The lock was not available: a store such as Redis deletes them once it is back.
  if (failure === "cache_unreadable") await forget(() => cache.clear());
}

/** A time for a log; a broker may not state it. */
function untilText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime())
    ? "the broker ends them"
    : date.toISOString();
}

function tooLong(): TdauthError {
  return new TdauthError(
    "busy",
    "Cannot log out in time: the store, the broker or a refresh in progress does not respond",
    { hint: "log out again in a minute" },
  );
}
