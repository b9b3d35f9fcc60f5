import { waitingFor, withLockTimeout } from "../cache/with_lock_timeout.ts";
import { TdauthError } from "../base/errors.ts";
import { issuedBy, type Tokens } from "../token/token.ts";
import { askKeeper, type KeeperQuestion } from "./ask_keeper.ts";
import type { Context } from "./context.ts";
import type { Keeper } from "./keeper.ts";
import { tokensIn } from "./keeper_answer.ts";

/** How long, in seconds, to wait for others who ask the keeper for the same tokens. */
const LOCK_TIMEOUT = 90;

/** What a follower needs of the context. */
export type FollowerContext = Pick<
  Context,
  "settings" | "cache" | "provider" | "log" | "minValid" | "now" | "signal"
>;

/**
 * Gets an access token from the keeper of the tokens, once for all waiting
 * callers in any process, and stores it: it is all that is ever here.
 *
 * @param context The context.
 * @param keeper The keeper.
 * @param isAcceptable Whether stored tokens, or the keeper's, will do.
 * @returns The tokens now in the cache.
 * @throws {TdauthError} `login_needed` when the keeper says so; `broker_unavailable`
 * when it cannot be reached.
 */
export async function followedTokens(
  context: FollowerContext,
  keeper: Keeper,
  isAcceptable: (tokens: Tokens, isNew: boolean) => boolean,
): Promise<Tokens> {
  const { cache, log, minValid, now, provider, settings, signal } = context;
  const { remoteCommand } = settings;
  const first = await cache.load();
  const ask = async (question: Omit<KeeperQuestion, "about">) => {
    const askedAt = now();
    const answer = await askKeeper(keeper, { about: "token", ...question }, {
      remoteCommand,
      signal,
    });
    return tokensIn(keeper, answer, { askedAt, provider, now });
  };
  return await withLockTimeout(cache, "refresh", async () => {
    const stored = await cache.load();
    const isOther = stored.accessToken.token !== first.accessToken.token;
    if (issuedBy(stored, provider.id) && isAcceptable(stored, isOther)) {
      return stored;
    }
    let tokens = await ask({ minValid });
    if (!isAcceptable(tokens, true)) {
      // It is the one that was rejected.
      tokens = await ask({ minValid, rejected: tokens.accessToken.token });
    }
    try {
      await cache.save(tokens, "refresh");
    } catch (error) {
      log(
        "warning",
        `${
          error instanceof Error ? error.message : error
        }; the new access token is used but not stored`,
      );
    }
    return tokens;
  }, {
    timeout: LOCK_TIMEOUT,
    onTimeout: (who) =>
      new TdauthError(
        "busy",
        `Cannot get an access token from ${keeper.name}: ${who} has been at it for ${LOCK_TIMEOUT} seconds`,
        { hint: "check for a hung or suspended tdauth process, and end it" },
      ),
    onWait: (who) => log("warning", waitingFor(who)),
    ...(signal && { signal }),
  });
}
