import type { StoredTokens } from "../cache/stored_tokens.ts";
import { TdauthError } from "../base/errors.ts";
import { AnswerError } from "../oauth/answer_error.ts";
import type { ClientRecord } from "../oauth/client_attempts.ts";
import type { Provider } from "../providers/provider.ts";
import { type Tokens, withoutMarks } from "../token/token.ts";
import { transient } from "./retry.ts";

/** What the journal is written with. */
export interface JournalOptions {
  /** Where the tokens are, and the journal with them. */
  readonly cache: StoredTokens;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * How long, in seconds, the first and the second refusal of a refresh token are taken
 * for the broker's last word; the third one is. Ten minutes pass over a short
 * failure of a server, six hours over its maintenance.
 */
const REFUSAL_HOLDS = [600, 6 * 3600];
/** How long, in seconds, an answer that may not be the broker's is not asked for again: waiting callers take it. */
const DOUBT_HOLDS = 10;
/** After how many seconds a second answer of that kind is taken for the broker's. */
const DOUBT_CONFIRMED = 60;

/**
 * Rejects a token that the broker has just rejected, so that waiting callers do
 * not send it again.
 *
 * @param tokens The tokens with their journal.
 * @param now The clock, in milliseconds since the epoch.
 * @throws {TdauthError} `login_needed`, or `broker_unavailable` after an answer
 * that may not be the broker's.
 */
export function refuseAgain(tokens: Tokens, now: () => number): void {
  const { refreshRefused } = tokens;
  const refreshDoubt = doubtOf(tokens);
  const holds = (time: number, seconds: number) => {
    const age = now() / 1000 - time;
    return age >= 0 && age < seconds;
  };
  if (refreshRefused) {
    const { time, reason, times = 1 } = refreshRefused;
    const seconds = REFUSAL_HOLDS[Math.max(times - 1, 0)] ?? Infinity;
    // The last word does not depend on the clock, which may have been turned back.
    if (isSpent(tokens) || holds(time, seconds)) throw loginNeeded(reason);
  }
  if (refreshDoubt && holds(refreshDoubt.last, DOUBT_HOLDS)) {
    throw new TdauthError(
      "broker_unavailable",
      `Cannot get an access token: ${refreshDoubt.reason}`,
      { hint: "try again in a minute; stored tokens are kept" },
    );
  }
}

/** Whether the broker has rejected the refresh token as often as it is ever sent to be rejected. */
export function isSpent({ refreshRefused }: Tokens): boolean {
  return (refreshRefused?.times ?? 1) > REFUSAL_HOLDS.length;
}

/**
 * Turns an answer that may not be the broker's into a rejection when it is not
 * the first: what is on the way has had a minute to go away.
 *
 * @param sent The tokens that were sent, with their journal.
 * @param error The error of the request.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The error to throw.
 */
export function confirmDoubt(
  sent: Tokens,
  error: unknown,
  now: () => number,
): unknown {
  const first = doubtOf(sent)?.time;
  if (!isDoubtful(error) || first === undefined) return error;
  if (now() / 1000 - first < DOUBT_CONFIRMED) return error;
  return loginNeeded(
    `the broker has answered refreshes like this for more than a minute: ${
      reasonOf(error)
    }`,
    error.cause,
  );
}

/**
 * Stores that a request is about to be sent with the refresh token, and reserves
 * the space for its response.
 *
 * @param options The cache and the clock.
 * @param provider The provider.
 * @param before The tokens that are sent.
 * @returns Ends the reservation when it is disposed.
 * @throws {TdauthError} As the store, where that may cost a token.
 */
export async function mark(
  options: JournalOptions,
  provider: Provider,
  before: Tokens,
): Promise<Disposable> {
  let room: Disposable = { [Symbol.dispose]() {} };
  const refreshPending = Math.floor(options.now() / 1000);
  try {
    room = await options.cache.reserve("refresh");
    await options.cache.save({ ...before, refreshPending }, "journal");
  } catch (error) {
    // A broker that replaces the refresh token would leave us with none that is stored;
    // and where tokens are to be sealed, none is asked for that cannot be.
    const sealed = error instanceof TdauthError &&
      error.code === "cache_sealed";
    if (sealed || provider.rotatesRefreshToken !== false) {
      room[Symbol.dispose]();
      throw error;
    }
  }
  return room;
}

/**
 * Removes the mark where the broker surely did not use the token, and notes a
 * rejection for waiting callers.
 *
 * @param options The cache and the clock.
 * @param sent The tokens that were sent, with their journal.
 * @param error The error of the request.
 * @param client What to remember of the client.
 */
export async function settle(
  options: JournalOptions,
  sent: Tokens,
  error: unknown,
  client?: ClientRecord,
): Promise<void> {
  const settled = isSettled(error);
  if (!settled && !isDoubtful(error)) return;
  const time = Math.floor(options.now() / 1000);
  try {
    const stored = await options.cache.load();
    // A program without our lock may have stored other tokens meanwhile.
    if (stored.refreshToken.token !== sent.refreshToken.token) return;
    await options.cache.save({
      ...withoutMarks(sent),
      ...(client !== undefined && { client }),
      ...(!settled && stored.refreshPending !== undefined &&
        { refreshPending: stored.refreshPending }),
      ...marksOf(sent, error, time),
    }, "journal");
  } catch {
    // The mark stays; it only adds to the next error.
  }
}

/** What the journal says after a request that failed. */
function marksOf(
  sent: Tokens,
  error: unknown,
  time: number,
): Pick<Tokens, "refreshRefused" | "refreshDoubt"> {
  const doubt = doubtOf(sent);
  const { refreshRefused } = sent;
  const reason = reasonOf(error);
  if (error instanceof TdauthError && error.code === "login_needed") {
    // A web page, however often it comes, does not use up the three times.
    const said = isOfDoubt(error.cause) ? 0 : 1;
    const times = (refreshRefused?.times ?? (refreshRefused ? 1 : 0)) + said;
    return { refreshRefused: { time, reason, times } };
  }
  // Anything else says nothing about the token: what was said before still counts.
  const kept = refreshRefused === undefined ? {} : { refreshRefused };
  if (isDoubtful(error)) {
    return {
      ...kept,
      refreshDoubt: { time: doubt?.time ?? time, last: time, reason },
    };
  }
  return {
    ...kept,
    ...(transient(error) && doubt && { refreshDoubt: doubt }),
  };
}

/** The doubt about the refresh token, unless an older tdauth has refreshed the tokens since. */
function doubtOf(
  { refreshDoubt, accessToken }: Tokens,
): Tokens["refreshDoubt"] {
  return refreshDoubt && refreshDoubt.time >= accessToken.accessTime
    ? refreshDoubt
    : undefined;
}

/** Why something could not be done, without what. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^Cannot (?:[^:]|:(?=\S))*: /, "");
}

/** Whether a request went out and its answer never came. */
export function isLost(error: unknown): boolean {
  return transient(error)?.lost === true;
}

/** Whether an error is an answer that may not be the broker's. */
function isDoubtful(error: unknown): error is TdauthError {
  return error instanceof TdauthError && error.code === "broker_unavailable" &&
    isOfDoubt(error.cause);
}

function isOfDoubt(cause: unknown): boolean {
  return cause instanceof AnswerError && cause.verdict === "doubtful";
}

/** Whether the broker surely did not use the refresh token: it said so, or was never reached. */
function isSettled(error: unknown): boolean {
  if (!(error instanceof TdauthError) || isLost(error.cause)) return false;
  if (error.code === "login_needed") return true;
  if (error.cause instanceof AnswerError) {
    const { status, content } = error.cause;
    return content === "reason" || status >= 400;
  }
  const cause = transient(error);
  return cause === undefined
    ? error.code !== "unexpected_answer"
    : cause.status !== undefined || cause.unsent;
}

/** The error of a script that has no way on but a login. */
export function loginNeeded(why: string, cause?: unknown): TdauthError {
  return new TdauthError(
    "login_needed",
    `Cannot get an access token: ${why}`,
    {
      hint: { text: "log in:", command: ["login"] },
      ...(cause !== undefined && { cause }),
    },
  );
}
