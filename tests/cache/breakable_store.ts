/** A store of many processes that can be broken in one way at a time, to prove that `storeTests()` finds it. */
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
} from "../../mod.ts";
import type { StoreUnderTest } from "../../src/testing/mod.ts";

/** What can be wrong with a {@linkcode BreakableStore}. */
export type Flaw =
  | "exclusive runs at once"
  | "exclusive never ends"
  | "release does nothing"
  | "release frees anyone's lock"
  | "renew does nothing"
  | "renew takes anyone's lock"
  | "a journal does not prolong the turn"
  | "a journal raises the fence"
  | "a write without a turn lowers the fence"
  | "clear leaves the fence"
  | "clear takes its fence from elsewhere"
  | "a write without expires keeps the old one"
  | "accounts share their tokens"
  | "accounts share their locks"
  | "read swallows errors"
  | "read throws an error of its own"
  | "both kinds of work share a lock";

/** One account's row of the database. */
interface Row {
  text: string;
  fence: number;
  issued: number;
  expires: number | undefined;
  readonly held: Map<string, LeaseRequest>;
}

/** What all processes have in common. */
class Database {
  shift = 0;
  damaged = false;
  readonly #rows = new Map<string, Row>();

  readonly now = () => Date.now() + this.shift;

  row(account: string): Row {
    const row = this.#rows.get(account) ??
      { text: "", fence: 0, issued: 0, expires: undefined, held: new Map() };
    this.#rows.set(account, row);
    return row;
  }
}

/** One process's object on one account. Each step is synchronous, and so atomic. */
class BreakableStore implements TokenCache {
  readonly #database: Database;
  readonly #tokens: Row;
  readonly #locks: Row;
  readonly #flaw: Flaw | undefined;
  readonly #lease: number;
  readonly #lock: LeaseLock;

  constructor(
    database: Database,
    account: string,
    flaw: Flaw | undefined,
    lease = 30,
  ) {
    const shared = (what: Flaw) => flaw === what ? "all" : account;
    this.#database = database;
    this.#tokens = database.row(shared("accounts share their tokens"));
    this.#locks = database.row(shared("accounts share their locks"));
    this.#flaw = flaw;
    this.#lease = lease;
    const step =
      <T>(act: (request: LeaseRequest) => T) => (request: LeaseRequest) =>
        Promise.resolve(act(request));
    this.#lock = leaseLock({
      acquire: step((request) => this.#acquire(request)),
      renew: step((request) => this.#renew(request)),
      release: step((request) => this.#release(request)),
    }, { lease, now: database.now });
  }

  read(): Promise<string> {
    const { text, expires = Infinity } = this.#tokens;
    if (this.#database.damaged && this.#flaw !== "read swallows errors") {
      return Promise.reject(
        this.#flaw === "read throws an error of its own"
          ? new RangeError("row 0")
          : new TdauthError("cache_corrupt", "Cannot read the row"),
      );
    }
    const gone = this.#database.damaged || expires <= this.#database.now();
    return Promise.resolve(gone ? "" : text);
  }

  // deno-lint-ignore require-await -- what it throws must become a rejection
  async write(text: string, { kind, expires }: WriteOptions): Promise<void> {
    const row = this.#tokens;
    const { turn } = this.#lock;
    const fence = turn?.fence ??
      (this.#is("a write without a turn lowers the fence") ? 0 : row.fence);
    if (turn !== undefined && fence < row.fence) throw overtaken();
    if (kind === "journal" && turn !== undefined) {
      const held = this.#locks.held.get(this.#nameOf(turn.work));
      if (held?.owner !== turn.owner) throw overtaken();
      if (!this.#is("a journal does not prolong the turn")) {
        const now = this.#database.now();
        this.#hold({ ...held, now, until: now + this.#lease * 1000 });
      }
    }
    if (kind !== "journal" || this.#is("a journal raises the fence")) {
      row.fence = fence;
    }
    row.text = text;
    row.expires = expires !== undefined
      ? expires * 1000
      : this.#is("a write without expires keeps the old one")
      ? row.expires
      : undefined;
  }

  clear(): Promise<void> {
    const row = this.#tokens;
    row.text = "";
    if (this.#is("clear takes its fence from elsewhere")) {
      row.fence = this.#database.now();
    } else if (!this.#is("clear leaves the fence")) row.fence = ++row.issued;
    return Promise.resolve();
  }

  exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options?: ExclusiveOptions,
  ): Promise<T> {
    if (this.#is("exclusive runs at once")) return run();
    if (this.#is("exclusive never ends")) return new Promise(() => {});
    return this.#lock.exclusive(work, run, options);
  }

  #acquire(request: LeaseRequest): Lease | undefined {
    const held = this.#locks.held.get(this.#nameOf(request.work));
    if (held && held.owner !== request.owner && held.until > request.now) {
      return undefined;
    }
    this.#hold(request);
    return { fence: ++this.#tokens.issued };
  }

  #renew(request: LeaseRequest): void {
    if (this.#is("renew does nothing")) return;
    const any = this.#is("renew takes anyone's lock");
    if (any || this.#isHeldBy(request)) this.#hold(request);
  }

  #release(request: LeaseRequest): void {
    if (this.#is("release does nothing")) return;
    const any = this.#is("release frees anyone's lock");
    if (any || this.#isHeldBy(request)) {
      this.#locks.held.delete(this.#nameOf(request.work));
    }
  }

  #isHeldBy({ work, owner }: LeaseRequest): boolean {
    return this.#locks.held.get(this.#nameOf(work))?.owner === owner;
  }

  #hold(request: LeaseRequest): void {
    this.#locks.held.set(this.#nameOf(request.work), request);
  }

  #nameOf(work: ExclusiveWork): string {
    return this.#is("both kinds of work share a lock") ? "any" : work;
  }

  #is(flaw: Flaw): boolean {
    return this.#flaw === flaw;
  }
}

/**
 * Opens a store.
 *
 * @param flaw What is wrong with it; nothing when absent.
 * @returns The store, as `storeTests()` wants it.
 */
export function openBreakable(flaw?: Flaw): Promise<StoreUnderTest> {
  const database = new Database();
  const open = (account: string, lease?: number) =>
    new BreakableStore(database, account, flaw, lease);
  const advance = (seconds: number) => {
    database.shift += seconds * 1000;
    return Promise.resolve();
  };
  return Promise.resolve({
    store: open("user"),
    sameStore: open("user"),
    otherAccount: open("other"),
    openWithLease: (seconds) => Promise.resolve(open("user", seconds)),
    advance,
    endTurn: () => advance(31),
    damage: () => {
      database.damaged = true;
      return Promise.resolve();
    },
  });
}
