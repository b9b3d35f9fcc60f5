import type { Context } from "../client/context.ts";
import { LOOK_EVERY } from "./refresh_time.ts";
import { watchAccount, type WatchOptions } from "./watch_account.ts";

/** An account that is kept fresh. */
export interface ServedAccount {
  /** Its profile. */
  readonly profile: string;
  /** Finds what is needed for it; the same while the settings are. */
  readonly context: () => Promise<Context>;
}

/** How accounts are watched, and which. */
export interface WatchAllOptions extends WatchOptions {
  /** Lists the accounts by the present settings. */
  readonly accounts: () => Promise<readonly ServedAccount[]>;
  /** Hears that they cannot be listed, once for each reason. */
  readonly onUnlisted: (error: unknown) => void;
}

/** An account that is being watched. */
interface Watched {
  account: ServedAccount;
  readonly end: AbortController;
}

/**
 * Watches all accounts until the signal aborts, each by itself: none waits for
 * another's slow broker. One that is added to the settings, or leaves them, is
 * noticed at the next look.
 *
 * @param options Which accounts, who hears of them, and the edges.
 * @returns A promise that resolves when the last of what was in progress has ended.
 */
export async function watchAccounts(options: WatchAllOptions): Promise<void> {
  const { signal, sleep, onEvent, onUnlisted } = options;
  const watched = new Map<string, Watched>();
  const running = new Set<Promise<void>>();
  let said: string | undefined;
  while (!signal.aborted) {
    try {
      const accounts = await options.accounts();
      said = undefined;
      update(new Map(accounts.map((one) => [one.profile, one])));
    } catch (error) {
      // A config.json that is being edited may be wrong for a moment.
      const why = String(error);
      if (why !== said) onUnlisted(error);
      said = why;
    }
    await sleep(LOOK_EVERY * 1000, signal).catch(() => {});
  }
  await Promise.all(running);

  function update(accounts: ReadonlyMap<string, ServedAccount>): void {
    for (const [profile, { end }] of watched) {
      if (accounts.has(profile)) continue;
      end.abort();
      watched.delete(profile);
      onEvent({ is: "gone", profile });
    }
    for (const [profile, account] of accounts) {
      const known = watched.get(profile);
      if (known === undefined) start(account);
      else known.account = account;
    }
  }

  function start(account: ServedAccount): void {
    const one: Watched = { account, end: new AbortController() };
    watched.set(account.profile, one);
    const watch = watchAccount(account.profile, () => one.account.context(), {
      ...options,
      signal: AbortSignal.any([signal, one.end.signal]),
    });
    running.add(watch);
    watch.finally(() => running.delete(watch));
  }
}
