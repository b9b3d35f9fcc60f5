import type { Log } from "../base/log.ts";
import { shown } from "../base/shown.ts";
import { deliver, type DeliverOptions, hookName } from "./deliver.ts";
import type { Hook } from "./hook.ts";
import type { HookEvent } from "./hook_event.ts";
import type { HookOutcome } from "./hook_outcome.ts";

/** How many deliveries wait at most. */
const MOST = 100;
/** After how long, in milliseconds, what a hook could not take is tried again. */
export const RETRY_AFTER: readonly number[] = [5_000, 30_000, 300_000];

/** An event on its way to a hook. */
export interface Delivery {
  /** The hook. */
  readonly hook: Hook;
  /** The event. */
  readonly event: HookEvent;
  /** When it was first tried, or is to be, in milliseconds since the epoch. */
  readonly since: number;
  /** How often it was tried. */
  readonly tries: number;
}

/** Options of {@linkcode createDeliveryQueue}. */
export interface DeliveryQueueOptions extends DeliverOptions {
  /** Hears of hooks that fail and of what is dropped. */
  readonly log: Log;
  /** Runs a function later and returns what cancels that; `undefined` where nothing is tried again by this process. */
  readonly after:
    | ((milliseconds: number, act: () => void) => () => void)
    | undefined;
  /** Keeps what another process is to try. */
  readonly keep: (left: readonly Delivery[]) => Promise<void>;
}

/** Tells hooks of events, one at a time and in order. */
export interface DeliveryQueue {
  /** Queues deliveries. */
  readonly add: (more: readonly Delivery[]) => void;
  /** Resolves when nothing is queued and no hook runs. */
  readonly settled: () => Promise<void>;
  /** Waits until it is settled, and keeps what waits for its next try. */
  readonly end: () => Promise<void>;
}

/**
 * Creates a queue.
 *
 * @param options The edges.
 * @returns The queue.
 */
export function createDeliveryQueue(
  options: DeliveryQueueOptions,
): DeliveryQueue {
  const { log, after, keep, signal } = options;
  const queued: Delivery[] = [];
  const waiting = new Map<Delivery, () => void>();
  let running: Promise<void> | undefined;

  const run = async () => {
    for (let one = queued.shift(); one !== undefined; one = queued.shift()) {
      if (signal?.aborted) {
        await keep([one, ...queued.splice(0)]);
        return;
      }
      await finished(one, await deliver(one.hook, one.event, options));
    }
  };
  const finished = async (one: Delivery, outcome: HookOutcome) => {
    if (outcome.ok) return;
    const next = { ...one, tries: one.tries + 1 };
    if (outcome.transient && (after === undefined || signal?.aborted)) {
      log("warning", failure(one, outcome, "; the next run tries again"));
      return await keep([next]);
    }
    const wait = outcome.transient ? RETRY_AFTER[one.tries] : undefined;
    if (wait === undefined || after === undefined) {
      return log("warning", failure(one, outcome, ""));
    }
    log("info", failure(one, outcome, `; trying again in ${wait / 1000} s`));
    waiting.set(
      next,
      after(wait, () => {
        waiting.delete(next);
        add([next]);
      }),
    );
  };
  const start = () => {
    running ??= run().finally(() => {
      running = undefined;
      if (queued.length > 0) start(); // added in the meantime
    });
  };
  const add = (more: readonly Delivery[]) => {
    queued.push(...more);
    while (queued.length > MOST) {
      const [dropped] = queued.splice(leastOf(queued), 1);
      if (dropped === undefined) break;
      const { hook, event } = dropped;
      log(
        "warning",
        `Cannot tell ${hookName(hook)} of ${event.event}: ${MOST} others wait`,
      );
    }
    if (queued.length > 0) start();
  };
  const settled = async () => {
    while (running !== undefined) await running;
  };
  return {
    add,
    settled,
    async end() {
      await settled();
      for (const cancel of waiting.values()) cancel();
      if (waiting.size > 0) await keep([...waiting.keys()]);
      waiting.clear();
    },
  };
}

/** The one that is missed least: an old token that is there already, else the oldest. */
function leastOf(queued: readonly Delivery[]): number {
  return Math.max(
    0,
    queued.findIndex(({ event }) => event.event === "refreshed"),
  );
}

/**
 * Says in one line that a hook has failed.
 *
 * @param delivery The hook and the event.
 * @param outcome What became of it.
 * @param then What happens next.
 * @returns The message.
 */
function failure(
  { hook, event }: Delivery,
  { why, output }: HookOutcome & { readonly ok: false },
  then: string,
): string {
  const said = output === undefined ? "" : `: ${oneLine(output)}`;
  return `Cannot tell ${
    hookName(hook)
  } of ${event.event}: ${why}${said}${then}`;
}

/** A hook's output in a message of one line. */
export function oneLine(text: string): string {
  const line = shown(text).replace(/\s+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
