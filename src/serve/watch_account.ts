import { authorizationOf } from "../client/authorize.ts";
import type { Context } from "../client/context.ts";
import { TdauthError } from "../base/errors.ts";
import type { Notifier, WatchedAccount } from "../hooks/notifier.ts";
import {
  loginDue,
  loginNeededIn,
  type Tokens,
  tokensOf,
} from "../token/token.ts";
import { LOOK_EVERY, refreshTime, waitAfter } from "./refresh_time.ts";
import type { SeenTokens, ServeEvent } from "./serve_event.ts";

/** Waits for so many milliseconds; rejects when the signal aborts. */
export type Sleep = (
  milliseconds: number,
  signal: AbortSignal,
) => Promise<void>;

/** How accounts are watched. */
export interface WatchOptions {
  /** Hears what is new about them. */
  readonly notifier: Pick<Notifier, "look" | "refreshFailed">;
  /** Hears what happens. */
  readonly onEvent: (event: ServeEvent) => void;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** A number from 0 to 1. */
  readonly random: () => number;
  /** Waits. */
  readonly sleep: Sleep;
  /** Ends the watching; what is in progress is finished first. */
  readonly signal: AbortSignal;
}

/**
 * Watches one account until the signal aborts: looks at its tokens every 37
 * seconds, refreshes them ahead, and tells the notifier. The tokens stay in their
 * cache: a refresh takes the same lock there as that of any other process.
 *
 * @param profile The profile.
 * @param context Finds what is needed for it, by the present settings.
 * @param options Who hears of it, and the edges.
 */
export async function watchAccount(
  profile: string,
  context: () => Promise<Context>,
  options: WatchOptions,
): Promise<void> {
  const watch = new AccountWatch(profile, context, options);
  while (!options.signal.aborted) {
    const wait = await watch.look();
    try {
      await options.sleep(wait * 1000, options.signal);
    } catch {
      return; // it has aborted
    }
  }
}

/** The shortest wait between two looks, in seconds. */
const SHORTEST = 1;

class AccountWatch {
  readonly #profile: string;
  readonly #context: () => Promise<Context>;
  readonly #options: WatchOptions;
  /** The tokens that were last seen, and whether a login was needed. */
  #seen: Tokens | undefined;
  #needsLogin = false;
  /** When they are to be refreshed, in seconds since the epoch. */
  #refreshAt = Infinity;
  /** How many refreshes have failed in a row, and before when there is no other. */
  #failures = 0;
  #notBefore = 0;
  /** What was last said to be wrong. */
  #said: string | undefined;

  constructor(
    profile: string,
    context: () => Promise<Context>,
    options: WatchOptions,
  ) {
    this.#profile = profile;
    this.#context = context;
    this.#options = options;
  }

  /** Looks once; returns after how many seconds to look again. */
  async look(): Promise<number> {
    try {
      const context = await this.#context();
      const { keeper } = context.settings;
      if (keeper !== undefined) {
        this.#once(keeper, { is: "follower", keeper });
        return LOOK_EVERY;
      }
      const tokens = await this.#see(context, "seen");
      await this.#options.notifier.look(this.#account(context, tokens));
      const due = Math.max(this.#refreshAt, this.#notBefore);
      if (due > this.#now()) return this.#until(due);
      await this.#refresh(context, tokens);
      return this.#until(Math.max(this.#refreshAt, this.#notBefore));
    } catch (error) {
      // One wrong profile must end no other.
      this.#once(messageOf(error), { is: "unreadable", error });
      return LOOK_EVERY;
    }
  }

  async #refresh(context: Context, tokens: Tokens): Promise<void> {
    const { notifier, signal } = this.#options;
    if (signal.aborted) return;
    try {
      await authorizationOf(context, tokens).refresh();
    } catch (error) {
      const wait = waitAfter(++this.#failures, error);
      this.#notBefore = this.#now() + wait;
      this.#once(messageOf(error), {
        is: "failed",
        error,
        again: this.#notBefore,
      });
      // Its rejection is stored with the tokens, and is a thing of its own.
      const account = this.#account(context, await ownTokens(context));
      if (error instanceof TdauthError && error.code === "login_needed") {
        await notifier.look(account);
      } else await notifier.refreshFailed(account, this.#failures);
      return;
    }
    const after = await this.#see(context, "refreshed");
    // Whatever the clocks say, no refresh follows another at once.
    this.#notBefore = this.#now() + LOOK_EVERY;
    await notifier.look(this.#account(context, after));
  }

  /** Loads the tokens, and says so where they are others than before. */
  async #see(context: Context, is: "seen" | "refreshed"): Promise<Tokens> {
    const tokens = await ownTokens(context);
    const isNew = this.#seen === undefined || !isSame(tokens, this.#seen);
    const needsLogin = loginNeededIn(tokens) <= 0;
    if (!isNew && needsLogin === this.#needsLogin) return tokens;
    this.#seen = tokens;
    this.#needsLogin = needsLogin;
    if (isNew) {
      this.#refreshAt = refreshTime(tokens, this.#options.random());
      this.#failures = 0;
      this.#notBefore = 0;
      this.#said = undefined;
    }
    this.#tell({ is, tokens: this.#summary(tokens) });
    return tokens;
  }

  #summary(tokens: Tokens): SeenTokens {
    const { accessToken } = tokens;
    return {
      validUntil: accessToken.valid ? accessToken.expiry : 0,
      refreshAt: this.#refreshAt,
      loginDue: loginNeededIn(tokens) > 0 ? loginDue(tokens) : 0,
    };
  }

  #account(context: Context, tokens: Tokens): WatchedAccount {
    return {
      profile: this.#profile,
      provider: context.provider.key,
      tokens,
    };
  }

  /** How long to wait for a moment, and never longer than for the next look. */
  #until(moment: number): number {
    return Math.max(SHORTEST, Math.min(LOOK_EVERY, moment - this.#now()));
  }

  #now(): number {
    return this.#options.now() / 1000;
  }

  /** Tells what has not just been told. */
  #once(what: string, event: WithoutProfile<ServeEvent>): void {
    if (what === this.#said) return;
    this.#said = what;
    this.#tell(event);
  }

  #tell(event: WithoutProfile<ServeEvent>): void {
    const { onEvent } = this.#options;
    onEvent({ ...event, profile: this.#profile });
  }
}

/** Each of the events without its profile. */
type WithoutProfile<E> = E extends unknown ? Omit<E, "profile"> : never;

/** Whether tokens are the same, whatever their journal says. */
function isSame(one: Tokens, other: Tokens): boolean {
  return one.accessToken.token === other.accessToken.token &&
    one.accessToken.expiry === other.accessToken.expiry &&
    one.refreshToken.token === other.refreshToken.token;
}

/** The stored tokens; absent ones where those are another provider's. */
async function ownTokens({ cache, provider }: Context): Promise<Tokens> {
  return tokensOf(await cache.load(), provider.id);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
