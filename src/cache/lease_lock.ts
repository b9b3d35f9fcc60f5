import { type After, after as timer } from "../base/after.ts";
import { TdauthError } from "../base/errors.ts";
import { withMutex } from "../base/mutex.ts";
import type { ExclusiveOptions, ExclusiveWork } from "./token_cache.ts";

/** A lock that a process asks for, or has. Times are in milliseconds since the epoch, by the clock of {@linkcode LeaseLockOptions.now}. */
export interface LeaseRequest {
  /** The kind of work: each has a lock of its own. */
  readonly work: ExclusiveWork;
  /** Names the turn; no other one has the same name. */
  readonly owner: string;
  /** The time. */
  readonly now: number;
  /** When the lock ends unless it is renewed. */
  readonly until: number;
}

/** A lock that was given. */
export interface Lease {
  /** A number that is higher than every one that the store gave out before, for either kind of work. */
  readonly fence: number;
  /**
   * What is waited for before the work begins, such as the last write of a process
   * that never released its lock.
   *
   * @param signal Ends the wait.
   * @returns Whether the lock is still held; it is asked for again where it is not.
   * @default {nothing}
   */
  readonly settle?: (signal?: AbortSignal) => Promise<boolean>;
}

/** What a store does for {@linkcode leaseLock}, each in one atomic step. */
export interface LeaseOperations {
  /**
   * Gives the lock where it is free, where its time is over, or where `owner` has it.
   *
   * @param request Who asks, and until when.
   * @returns The lease; `undefined` while another owner has it.
   */
  acquire(request: LeaseRequest): Promise<Lease | undefined>;
  /**
   * Prolongs the lock where `owner` has it, else does nothing. What it throws is ignored.
   *
   * @param request Who has it, and until when.
   */
  renew(request: LeaseRequest): Promise<unknown>;
  /**
   * Frees the lock where `owner` has it, else does nothing. What it throws is
   * ignored: the lock then ends by itself.
   *
   * @param request Who has it.
   */
  release(request: LeaseRequest): Promise<unknown>;
}

/** Options of {@linkcode leaseLock}. */
export interface LeaseLockOptions {
  /** How long, in seconds, a lock outlives a process that died; a live one renews it three times as often. @default {30} */
  readonly lease?: number;
  /**
   * What the locks of one store have in common in this process: of all that wait
   * here, one alone then asks the store.
   * @default {nothing: each lock waits for itself}
   */
  readonly queue?: string;
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
  /** Runs something after so many milliseconds, and returns what cancels it. @default {a timer} */
  readonly after?: After;
}

/** A turn of work that this process has. */
export interface LeaseTurn {
  /** The kind of work. */
  readonly work: ExclusiveWork;
  /** Names the turn in the store. */
  readonly owner: string;
  /** The fence of the turn, which the store compares when it writes. */
  readonly fence: number;
}

/** The exclusivity of a store of many processes. */
export interface LeaseLock {
  /** The turn that is had through this lock, which a write belongs to; that of a refresh where there are two. */
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

/** How long, in milliseconds, to wait between two looks at a lock that another process has, at first and at most. */
const FIRST_WAIT = 5;
const LONGEST_WAIT = 100;

/** Numbers the locks, so that each has a queue of its own. */
let count = 0;

/**
 * Builds the `exclusive` of a store of many processes from three operations. The
 * lock is a lease: it is renewed while the work goes on, and ends by itself when its
 * process dies. A process that was stopped for longer than its lease does not know
 * that another one has taken over. Therefore each turn has a fence, and the store
 * must refuse, with {@linkcode overtaken}, two kinds of writes in the step that writes:
 *
 * - any with a fence lower than that of the text that is stored, or of the last `clear()`;
 * - a `journal` from an owner that does not hold the lock any more.
 *
 * A store on Deno KV is in `examples/deno_kv_store.ts`.
 *
 * @param operations What the store does.
 * @param options How long a lease is, and the edges.
 * @returns The lock.
 *
 * @example
 * ```ts
 * import { leaseLock } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * let held: { owner: string; until: number } | undefined; // stands for a row of a database
 * let fence = 0;
 * const lock = leaseLock({
 *   acquire: ({ owner, now, until }) => {
 *     if (held && held.until > now) return Promise.resolve(undefined);
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
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const owner = crypto.randomUUID();
    const request = (time = now()): LeaseRequest => ({
      work,
      owner,
      now: time,
      until: time + lease * 1000,
    });
    let stop: (() => void) | undefined;
    try {
      for (
        let wait = FIRST_WAIT;;
        wait = Math.min(wait * 1.5, LONGEST_WAIT)
      ) {
        const got = await operations.acquire(request());
        if (got !== undefined) {
          turns.set(work, { work, owner, fence: got.fence });
          // Lost or not: the fence decides whether what is done still counts.
          stop ??= every(
            lease * 1000 / 3,
            () => void operations.renew(request()).catch(() => {}),
            after,
          );
          if (got.settle === undefined || await got.settle(signal)) break;
        }
        await delay(wait * (0.5 + Math.random()), signal, after);
      }
      return await run();
    } finally {
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
    exclusive: (work, run, { signal } = {}) =>
      withMutex(
        `${queue}:${work}`,
        () => withLease(work, run, signal),
        signal === undefined ? {} : { signal },
      ),
  };
}

/**
 * Makes the error of a write that comes too late.
 *
 * @returns The error, with the code `busy`.
 */
export function overtaken(): TdauthError {
  return new TdauthError(
    "busy",
    "Cannot store the tokens: this process was stopped for so long that another one has taken over",
    { hint: "try again: the other one's tokens are there" },
  );
}

/** Runs something again and again, and returns what ends it. */
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
