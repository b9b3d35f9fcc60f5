/**
 * A store of tokens on Deno KV, for an application of any number of processes: the
 * example of a store of your own. `tests/examples/deno_kv_store_test.ts` proves it
 * by the tests of `@tdauth/tdauth/testing`.
 *
 * Deno KV is unstable: run it with `--unstable-kv`, or with `"unstable": ["kv"]` in
 * deno.json.
 */
import {
  type ExclusiveOptions,
  type ExclusiveWork,
  type Lease,
  type LeaseLock,
  leaseLock,
  type LeaseRequest,
  overtaken,
  TdauthError,
  type TokenCache,
  type WriteOptions,
} from "@tdauth/tdauth";

/** The locks of one user, and the last fence that was given out. */
type Turns =
  & { readonly fence: number }
  & Partial<Record<ExclusiveWork, Pick<LeaseRequest, "owner" | "until">>>;

/** The tokens of one user, and the fence of the turn that wrote or cleared them. */
interface Stored {
  readonly text: string;
  readonly fence: number;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

const DAY = 86_400_000;
/** How long, in milliseconds, tokens are kept whose end is not known, and the locks of a user who does not come back. */
const UNKNOWN_LIFE = 400 * DAY;

/** Options of {@linkcode DenoKvStore}. */
export interface DenoKvStoreOptions {
  /** How long, in seconds, a lock outlives a process that died. @default {30} */
  readonly lease?: number;
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
}

/** Keeps one user's tokens in Deno KV. */
export class DenoKvStore implements TokenCache {
  readonly #kv: Deno.Kv;
  readonly #keys: readonly [turns: Deno.KvKey, tokens: Deno.KvKey];
  readonly #now: () => number;
  readonly #lease: number;
  readonly #lock: LeaseLock;

  /**
   * Opens the store; nothing is read yet.
   *
   * @param kv The database.
   * @param user The user's or the session's name.
   * @param options How long a lease is, and the clock.
   */
  constructor(kv: Deno.Kv, user: string, options: DenoKvStoreOptions = {}) {
    const { lease = 30, now = Date.now } = options;
    this.#kv = kv;
    this.#keys = [["tdauth", user, "turns"], ["tdauth", user, "tokens"]];
    this.#now = now;
    this.#lease = lease;
    this.#lock = leaseLock({
      acquire: (request) => this.#acquire(request),
      renew: (request) => this.#renew(request),
      release: (request) => this.#release(request),
    }, { lease, now });
  }

  async read(): Promise<string> {
    const { value } = await answer(() => this.#kv.get<Stored>(this.#keys[1]));
    // KV may take its time to forget what has expired.
    return value !== null && value.expires > this.#now() ? value.text : "";
  }

  async write(text: string, { kind, expires }: WriteOptions): Promise<void> {
    const { turn } = this.#lock;
    await this.#change((turns, tokens) => {
      const last = tokens?.fence ?? 0;
      const fence = turn?.fence ?? last;
      if (fence < last) throw overtaken();
      const stored = {
        text,
        // Old tokens with another note are still those of the turn that wrote them.
        fence: kind === "journal" ? last : fence,
        expires: expires === undefined
          ? this.#now() + UNKNOWN_LIFE
          : expires * 1000,
      };
      if (kind !== "journal" || turn === undefined) return { stored };
      if (turns?.[turn.work]?.owner !== turn.owner) throw overtaken();
      // A request follows: the lock is ours for a whole lease from now on.
      const until = this.#now() + this.#lease * 1000;
      return {
        stored,
        turns: { ...turns, [turn.work]: { owner: turn.owner, until } },
      };
    });
  }

  async clear(): Promise<void> {
    await this.#change((turns, tokens) => {
      const fence = this.#nextFence(turns, tokens);
      // The fence stays behind for a day, so that a late write does not bring the tokens back.
      return {
        turns: { ...turns, fence },
        stored: { text: "", fence, expires: this.#now() + DAY },
      };
    });
  }

  exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options?: ExclusiveOptions,
  ): Promise<T> {
    return this.#lock.exclusive(work, run, options);
  }

  async #acquire(request: LeaseRequest): Promise<Lease | undefined> {
    const { work, owner, now, until } = request;
    let lease: Lease | undefined;
    await this.#change((turns, tokens) => {
      const holder = turns?.[work];
      const held = holder !== undefined && holder.owner !== owner &&
        holder.until > now;
      lease = held ? undefined : { fence: this.#nextFence(turns, tokens) };
      return lease &&
        { turns: { ...turns, ...lease, [work]: { owner, until } } };
    });
    return lease;
  }

  #renew({ work, owner, until }: LeaseRequest): Promise<void> {
    return this.#change((turns) =>
      turns?.[work]?.owner !== owner
        ? undefined
        : { turns: { ...turns, [work]: { owner, until } } }
    );
  }

  #release({ work, owner }: LeaseRequest): Promise<void> {
    return this.#change((turns) => {
      if (turns?.[work]?.owner !== owner) return undefined;
      const { [work]: _, ...others } = turns;
      return { turns: others };
    });
  }

  /** Higher than every one before; from the clock, so that it grows even when KV has forgotten them. */
  #nextFence(turns: Turns | null, tokens: Stored | null): number {
    const last = Math.max(turns?.fence ?? 0, tokens?.fence ?? 0);
    return Math.max(this.#now(), last + 1);
  }

  /** Changes what KV holds of the user in one step; again when another process was quicker. */
  async #change(
    change: (
      turns: Turns | null,
      tokens: Stored | null,
    ) => { readonly turns?: Turns; readonly stored?: Stored } | undefined,
  ): Promise<void> {
    while (true) {
      const [turns, tokens] = await answer(() =>
        this.#kv.getMany<[Turns, Stored]>([...this.#keys])
      );
      const next = change(turns.value, tokens.value);
      if (next === undefined) return;
      const step = this.#kv.atomic().check(turns, tokens);
      if (next.turns !== undefined) {
        step.set(turns.key, next.turns, { expireIn: UNKNOWN_LIFE });
      }
      if (next.stored !== undefined) {
        const expireIn = Math.max(1, next.stored.expires - this.#now());
        step.set(tokens.key, next.stored, { expireIn });
      }
      if ((await answer(() => step.commit())).ok) return;
    }
  }
}

/** What KV answers; its errors become one that tdauth knows: the tokens are there, and cannot be reached now. */
async function answer<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new TdauthError(
      "cache_unreadable",
      "Cannot read or write the tokens in Deno KV: it does not answer",
      { cause },
    );
  }
}
