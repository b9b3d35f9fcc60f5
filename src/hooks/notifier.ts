import type { Log } from "../base/log.ts";
import type { Tokens } from "../token/token.ts";
import type { Hook } from "./hook.ts";
import type { HookEvent } from "./hook_event.ts";

/** An account that is looked at. */
export interface WatchedAccount {
  /** The profile. */
  readonly profile: string;
  /** What settings call the provider. */
  readonly provider: string;
  /** What is stored for it now. */
  readonly tokens: Tokens;
}

/** Options of {@linkcode createNotifier}. */
export interface NotifierOptions {
  /** The hooks, as `readHooks()` returns them. They are asked for at each event, so that a changed config.json counts. */
  readonly hooks: () => readonly Hook[];
  /** The directory of the token files, where what was told is kept: `settings.tokenDir`. */
  readonly directory: string;
  /** Hears of hooks that fail, and of what is kept or not. */
  readonly log: Log;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Sends requests. */
  readonly fetch: typeof fetch;
  /** Whether this process stays: a URL that does not answer is then tried again by it, otherwise by the next run. */
  readonly stays: boolean;
  /** Ends a running hook and starts no other. */
  readonly signal?: AbortSignal;
}

/** Tells hooks what is new about accounts, each thing once, whichever process sees it first. */
export interface Notifier extends AsyncDisposable {
  /**
   * Compares what is stored with what hooks were told before, records what is
   * new, queues it for the hooks and returns it.
   *
   * @param account The account. A look costs one small file; nothing is written when there is nothing new.
   */
  look(account: WatchedAccount): Promise<readonly HookEvent[]>;
  /**
   * Counts a failed refresh: the third in a row is told, once until a refresh works.
   *
   * @param account The account.
   * @param times How many have failed in a row.
   */
  refreshFailed(
    account: WatchedAccount,
    times: number,
  ): Promise<readonly HookEvent[]>;
  /** Resolves when no hook runs and none is queued; a URL that waits for its next try is not waited for. */
  settled(): Promise<void>;
}

/**
 * Creates a notifier. Disposing it drops nothing: what is queued is delivered
 * first, unless its signal is aborted, and a URL that waits for its next try is
 * left to the next run.
 *
 * @param options The hooks, and where what was told is kept.
 * @returns The notifier.
 */
export function createNotifier(_options: NotifierOptions): Notifier {
  return {
    look: () => Promise.resolve([]),
    refreshFailed: () => Promise.resolve([]),
    settled: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
