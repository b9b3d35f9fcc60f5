import { after } from "../base/after.ts";
import type { Log } from "../base/log.ts";
import { errorText } from "../system/system_error.ts";
import type { Tokens } from "../token/token.ts";
import { hears } from "./deliver.ts";
import { createDeliveryQueue, type Delivery } from "./delivery_queue.ts";
import type { Hook } from "./hook.ts";
import type { HookEvent } from "./hook_event.ts";
import { decide, decideFailure, type Decision, type Told } from "./told.ts";
import { toldFile } from "./told_file.ts";
import { accountKey, type ToldState, type Undelivered } from "./told_text.ts";
import { loginDue } from "../token/token.ts";

/** For how long, in milliseconds, the next run tries what a hook could not take. */
const LONGEST_KEPT = 86_400_000;
/** How many of these are kept. */
const MOST_KEPT = 100;

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
  /** The hooks, as `readHooks()` returns them. They are asked for at each look, so that a changed config.json counts. */
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
  /** Ends a running hook and starts no other; what was not started is left to the next run. */
  readonly signal?: AbortSignal;
  /** Timers. @default {the machine's} */
  readonly after?: typeof after;
}

/** Tells hooks what is new about accounts, each thing once, whichever process sees it first. */
export interface Notifier extends AsyncDisposable {
  /**
   * Compares what is stored with what hooks were told before, records what is
   * new, queues it for the hooks and returns it. Without hooks it does nothing.
   *
   * It is recorded before a hook runs: a process that is killed in between has
   * told nothing, and nothing is told twice.
   *
   * @param account The account. A look costs one small file; nothing is written when there is nothing new.
   */
  look(account: WatchedAccount): Promise<readonly HookEvent[]>;
  /**
   * Counts a failed refresh: the third in a row is told, once until a refresh works.
   *
   * @param account The account; it is looked at as well.
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
 * Creates a notifier. Disposing it waits for the hooks; what waits for its next
 * try is left to the next run.
 *
 * @param options The hooks, and where what was told is kept.
 * @returns The notifier.
 */
export function createNotifier(options: NotifierOptions): Notifier {
  const { directory, log, now, fetch, signal } = options;
  const file = toldFile(directory, log);
  const queue = createDeliveryQueue({
    now,
    fetch,
    log,
    signal,
    after: options.stays ? options.after ?? after : undefined,
    keep: (left) => orWarn(() => file.change(keeping(left)), undefined),
  });
  let known: readonly Hook[] = [];

  /** A config.json that is being edited may be wrong for a moment. */
  const hooksNow = () => {
    try {
      known = options.hooks();
    } catch (error) {
      log("warning", errorText(error));
    }
    return known;
  };
  /** What is to be told must never stop what calls this. */
  const orWarn = async <T>(act: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      log("warning", `Cannot see what hooks were told: ${errorText(error)}`);
      return otherwise;
    }
  };
  const tell = async (
    account: WatchedAccount,
    decideOn: (before: Told | undefined) => Decision,
  ): Promise<readonly HookEvent[]> => {
    const hooks = hooksNow();
    if (hooks.length === 0) return [];
    const { events, again } = await orWarn(
      () => file.change((state) => step(state, account, decideOn)),
      { events: [], again: [] },
    );
    const since = now();
    queue.add([
      ...again.flatMap((one) => deliveryOf(one, hooks, since, log)),
      ...events.flatMap((event) =>
        hooks.filter((hook) => hears(hook, event))
          .map((hook) => ({ hook, event, since, tries: 0 }))
      ),
    ]);
    return events;
  };
  return {
    look: (account) =>
      tell(account, (before) => decide(before, account.tokens, now())),
    refreshFailed: (account, times) =>
      tell(account, (before) => {
        const first = decide(before, account.tokens, now());
        const then = decideFailure(first.told, times, now());
        return { told: then.told, events: [...first.events, ...then.events] };
      }),
    settled: () => queue.settled(),
    [Symbol.asyncDispose]: () => queue.end(),
  };
}

/** One look: what is told, and what earlier runs have left. */
function step(
  state: ToldState,
  { profile, provider, tokens }: WatchedAccount,
  decideOn: (before: Told | undefined) => Decision,
) {
  const key = accountKey({ profile, provider });
  const before = Object.hasOwn(state.told, key) ? state.told[key] : undefined;
  const { told, events } = decideOn(before);
  const due = loginDue(tokens);
  const known = Number.isFinite(due) && due > 0;
  const isSame = told === before && state.undelivered.length === 0;
  return {
    state: isSame
      ? state
      : { told: { ...state.told, [key]: told }, undelivered: [] },
    result: {
      events: events.map((event): HookEvent => ({
        event,
        profile,
        provider,
        due: known ? due : undefined,
      })),
      // After a login, warnings of the one before are wrong.
      again: state.undelivered.filter(({ event }) =>
        !(events.includes("logged_in") && accountKey(event) === key)
      ),
    },
  };
}

/** Finds the hook of what an earlier run has left; nothing where it is gone, or it was long ago. */
function deliveryOf(
  { hook, event, since }: Undelivered,
  hooks: readonly Hook[],
  now: number,
  log: Log,
): Delivery[] {
  const found = hooks.find((one) => actionOf(one) === hook);
  if (found === undefined) return [];
  if (now - since < LONGEST_KEPT) {
    return [{ hook: found, event, since, tries: 0 }];
  }
  log(
    "warning",
    `Cannot tell hook ${found.number} of ${event.event}: it was tried for a day`,
  );
  return [];
}

/** Adds what the next run is to try to what is kept. */
function keeping(left: readonly Delivery[]) {
  return (state: ToldState) => ({
    state: {
      ...state,
      undelivered: [
        ...state.undelivered,
        ...left.map(({ hook, event, since }) => ({
          hook: actionOf(hook),
          event,
          since,
        })),
      ].slice(-MOST_KEPT),
    },
    result: undefined,
  });
}

/** What tells a hook from others, whatever its number. */
function actionOf(hook: Hook): string {
  return JSON.stringify(
    "run" in hook
      ? { run: hook.run }
      : "url" in hook
      ? { url: hook.url }
      : { notify: true },
  );
}
