import { type After, after as timer } from "../base/after.ts";
import { TdauthError } from "../base/errors.ts";
import { withMutex } from "../base/mutex.ts";
import type { ExclusiveOptions, ExclusiveWork } from "./token_cache.ts";

/** A lock that a process requests or holds. Times are in milliseconds since the epoch, by the clock of {@linkcode LeaseLockOptions.now}. */
export interface LeaseRequest {
  /** The kind of work: each has a lock of its own. */
  readonly work: ExclusiveWork;
  /** The unique name of the turn. */
  readonly owner: string;
  /** The time. */
  readonly now: number;
  /** When the lock expires unless it is renewed. */
  readonly until: number;
}

/** A granted lock. */
export interface Lease {
  /** A number that is higher than every earlier one of the store, for either kind of work. */
  readonly fence: number;
  /**
   * Waits before the work begins, such as for the last write of a process that
   * never released its lock.
   *
   * @param signal Ends the wait.
   * @returns Whether the lock is still held; if not, it is requested again.
   * @default {nothing}
   */
  readonly settle?: (signal?: AbortSignal) => Promise<boolean>;
}

/** A store's operations for {@linkcode leaseLock}, each one atomic. */
export interface LeaseOperations {
  /**
   * Grants the lock if it is free, has expired, or `owner` holds it.
   *
   * @param request The owner, and until when.
   * @returns The lease; `undefined` while another owner holds it.
   */
  acquire(request: LeaseRequest): Promise<Lease | undefined>;
  /**
   * Renews the lock if `owner` holds it, else does nothing. Errors are ignored.
   *
   * @param request The holder, and until when.
   */
  renew(request: LeaseRequest): Promise<unknown>;
  /**
   * Releases the lock if `owner` holds it, else does nothing. Errors are ignored:
   * the lock then expires.
   *
   * @param request The holder.
   */
  release(request: LeaseRequest): Promise<unknown>;
}

/** Options of {@linkcode leaseLock}. */
export interface LeaseLockOptions {
  /** How long, in seconds, a lock outlives a dead process; a live one renews it three times as often. @default {30} */
  readonly lease?: number;
  /**
   * Groups the locks of one store in this process: of all its waiters only one then asks the store.
   * @default {nothing: each lock waits for itself}
   */
  readonly queue?: string;
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
  /** Runs something after so many milliseconds, and returns what cancels it. @default {a timer} */
  readonly after?: After;
}

/** A turn of work in this process. */
export interface LeaseTurn {
  /** The kind of work. */
  readonly work: ExclusiveWork;
  /** The turn's name in the store. */
  readonly owner: string;
  /** The fence of the turn, which the store compares on every write. */
  readonly fence: number;
}

/** The lock of a store that many processes use. */
export interface LeaseLock {
  /** The current turn, which a write belongs to; with two, that of the refresh. */
  readonly turn: LeaseTurn | undefined;
  /**
   * The `exclusive` of a {@linkcode TokenCache}.
   *
   * @param work The kind of work.
   * @param run What to do.
   * @param options What ends the wait.
   * @returns What `run` returns.
   * @throws {unknown} What `run` or `acquire` throws, or the reason of the signal that ended the wait.
   */
  exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options?: ExclusiveOptions,
  ): Promise<T>;
}

/** How long, in milliseconds, to wait between two tries for a lock that another process holds, at first and at most. */
const FIRST_WAIT = 5;
const LONGEST_WAIT = 100;

/** How often, in milliseconds, a waiter is told that another process holds the lock. */
const TELL_EVERY = 1000;

/** Numbers the locks: each has its own queue. */
let count = 0;

/**
 * Builds the `exclusive` of a store that many processes use from three
 * operations. The lock is a lease: it is renewed during the work, and expires
 * when its process dies. A process that was suspended for longer than its lease
 * does not know that another one has taken over. Therefore each turn has a fence,
 * and the store must reject, with {@linkcode overtaken}, two kinds of writes in
 * the step that writes:
 *
 * - any with a fence lower than that of the stored text, or of the last `clear()`;
 * - a `journal` from an owner that no longer holds the lock.
 *
 * A `login` or `refresh` gives the text the fence of its turn. A `journal` leaves the
 * fence of the text as it is, and makes the lock its owner's for a whole lease, since a
 * request follows. A write without a turn is accepted, and leaves both as they are.
 * `clear()` gives the empty text the next fence of the counter that `acquire` uses.
 * There is one lock for each `work`, and one counter for both. `docs/stores.md` says
 * why, and which errors to throw.
 *
 * A store on Deno KV is in `examples/deno_kv_store.ts`.
 *
 * @param operations The store's operations.
 * @param options The length of a lease, and the edges.
 * @returns The lock.
 *
 * @example
 * ```ts
 * import { leaseLock } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * let held: { owner: string; until: number } | undefined; // stands for a row of a database, one for each work
 * let fence = 0;
 * const lock = leaseLock({
 *   acquire: ({ owner, now, until }) => {
 *     if (held && held.owner !== owner && held.until > now) return Promise.resolve(undefined);
 *     held = { owner, until };
 *     return Promise.resolve({ fence: ++fence });
 *   },
 *   renew: ({ owner, until }) => {
 *     if (held?.owner === owner) held = { owner, until };
 *     return Promise.resolve();
 *   },
 *   release: ({ owner }) => {
 *     if (held?.owner === owner) held = undefined;
 *     return Promise.resolve();
 *   },
 * });
 * assert.equal(await lock.exclusive("refresh", () => Promise.resolve(lock.turn?.fence)), 1);
 * assert.equal(lock.turn, undefined);
 * ```
 */
export function leaseLock(
  operations: LeaseOperations,
  options: LeaseLockOptions = {},
): LeaseLock {
  const { lease = 30, now = Date.now, after = timer } = options;
  const queue = options.queue ?? `lease:${count++}`;
  const turns = new Map<ExclusiveWork, LeaseTurn>();

  async function withLease<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    { signal, onWait }: ExclusiveOptions,
  ): Promise<T> {
    const owner = crypto.randomUUID();
    const request = (time = now()): LeaseRequest => ({
      work,
      owner,
      now: time,
      until: time + lease * 1000,
    });
    let stop: (() => void) | undefined;
    let stopTelling: (() => void) | undefined;
    try {
      for (
        let wait = FIRST_WAIT;;
        wait = Math.min(wait * 1.5, LONGEST_WAIT)
      ) {
        const got = await operations.acquire(request());
        if (got !== undefined) {
          turns.set(work, { work, owner, fence: got.fence });
          // Lost or not: the fence decides whether the work still counts.
          stop ??= every(
            lease * 1000 / 3,
            () => void operations.renew(request()).catch(() => {}),
            after,
          );
          if (got.settle === undefined || await got.settle(signal)) break;
        }
        if (onWait !== undefined) {
          stopTelling ??= every(TELL_EVERY, () => onWait(), after);
        }
        await delay(wait * (0.5 + Math.random()), signal, after);
      }
      stopTelling?.();
      return await run();
    } finally {
      stopTelling?.();
      stop?.();
      if (turns.delete(work)) {
        await operations.release(request()).catch(() => {});
      }
    }
  }

  return {
    get turn() {
      return turns.get("refresh") ?? turns.get("login");
    },
    exclusive: (work, run, options = {}) =>
      withMutex(
        `${queue}:${work}`,
        () => withLease(work, run, options),
        options,
      ),
  };
}

/**
 * Creates the error for a write that comes too late.
 *
 * @returns The error, with the code `busy`.
 */
export function overtaken(): TdauthError {
  return new TdauthError(
    "busy",
    "Cannot store the tokens: this process was suspended, and its lock expired",
    { hint: "retry: the other process has stored its tokens" },
  );
}

/** Runs a function repeatedly, and returns a function that stops it. */
function every(
  milliseconds: number,
  act: () => void,
  after: After,
): () => void {
  let cancel = after(milliseconds, function again() {
    cancel = after(milliseconds, again);
    act();
  });
  return () => cancel();
}

function delay(
  milliseconds: number,
  signal: AbortSignal | undefined,
  after: After,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = after(milliseconds, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    signal?.addEventListener("abort", abort, { once: true });
  });
}
