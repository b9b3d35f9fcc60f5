import type { StoredTokens } from "../cache/stored_tokens.ts";
import { TdauthError } from "../base/errors.ts";
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

/** How long, in seconds, a refusal is taken for the broker's last word. */
const REFUSAL_HOLDS = 60;

/** Rejects a token that the broker has just rejected, so that waiting callers do not send it again. */
export function refuseAgain(
  { refreshRefused }: Tokens,
  now: () => number,
): void {
  if (refreshRefused === undefined) return;
  const age = now() / 1000 - refreshRefused.time;
  if (age >= 0 && age < REFUSAL_HOLDS) throw loginNeeded(refreshRefused.reason);
}

/** Stores that a request is about to be sent with the refresh token. */
export async function mark(
  options: JournalOptions,
  provider: Provider,
  before: Tokens,
): Promise<void> {
  const refreshPending = Math.floor(options.now() / 1000);
  try {
    await options.cache.save({ ...before, refreshPending }, "journal");
  } catch (error) {
    // A broker that replaces the refresh token would leave us with none that is stored;
    // and where tokens are to be sealed, none is asked for that cannot be.
    const sealed = error instanceof TdauthError &&
      error.code === "cache_sealed";
    if (sealed || provider.rotatesRefreshToken !== false) throw error;
  }
}

/** Removes the mark where the broker surely did not use the token, and notes a rejection for waiting callers. */
export async function settle(
  options: JournalOptions,
  sent: Tokens,
  error: unknown,
): Promise<void> {
  if (!isSettled(error)) return;
  const refused = error instanceof TdauthError && error.code === "login_needed";
  try {
    const stored = await options.cache.load();
    // A program without our lock may have stored other tokens meanwhile.
    if (stored.refreshToken.token !== sent.refreshToken.token) return;
    await options.cache.save({
      ...withoutMarks(sent),
      ...(refused && {
        refreshRefused: {
          time: Math.floor(options.now() / 1000),
          reason: error.message.replace(/^Cannot [^:]*: /, ""),
        },
      }),
    }, "journal");
  } catch {
    // The mark stays; it only adds to the next error.
  }
}

/** Whether a request went out and its answer never came. */
export function isLost(error: unknown): boolean {
  return transient(error)?.lost === true;
}

/** Whether the broker surely did not use the refresh token: it said so, or was never reached. */
function isSettled(error: unknown): boolean {
  if (!(error instanceof TdauthError) || isLost(error.cause)) return false;
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
