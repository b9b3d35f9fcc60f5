/** Proof that what a test's name says did happen: that calls overlapped, a process was killed, or stood still. */
import assert from "node:assert/strict";
import type { ExclusiveWork, TokenCache } from "../mod.ts";

/** How long, in milliseconds, {@linkcode until} waits: a test that needs longer has lost its premise. */
const LONGEST = 120_000;

/**
 * Waits for what happens, not for a time; fails when it never does.
 *
 * @param what Said when it does not happen.
 * @param happened Looks whether it has.
 * @param process One without which it cannot happen any more.
 */
export async function until(
  what: string,
  happened: () => boolean,
  process?: { readonly ended: boolean },
): Promise<void> {
  const start = performance.now();
  while (!happened()) {
    assert.ok(!process?.ended, `the process ended, and never: ${what}`);
    assert.ok(
      performance.now() - start < LONGEST,
      `not in ${LONGEST / 1000} seconds: ${what}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Counts who is inside of something, and how many were at the same moment. */
export class Overlap {
  #inside = 0;
  #most = 0;

  /** How many are inside now. */
  get inside(): number {
    return this.#inside;
  }

  /** How many were inside at the same moment, at most. */
  get most(): number {
    return this.#most;
  }

  /** Runs something and counts it as inside for as long as it runs. */
  async during<T>(run: () => Promise<T>): Promise<T> {
    this.#most = Math.max(this.#most, ++this.#inside);
    try {
      return await run();
    } finally {
      this.#inside--;
    }
  }
}

/** How something ended that may have been killed: a `Result` of `Running`, or a `Deno.CommandStatus`. */
export interface Ended {
  readonly code: number;
  readonly signal: Deno.Signal | null;
}

/** Fails unless a signal ended a process: one that came too late has killed nothing. */
export function assertKilled(
  ended: Ended,
  signal: Deno.Signal = "SIGKILL",
): void {
  assert.equal(
    ended.signal,
    signal,
    `it ended by itself, with ${ended.code}, before it was killed`,
  );
}

/** A process that can be stopped. */
export interface Stoppable {
  readonly pid: number;
  kill(signal: Deno.Signal): boolean | void;
}

/** Stops a process, as Ctrl-Z does, and waits until it stands still. */
export async function stop(process: Stoppable): Promise<void> {
  process.kill("SIGSTOP");
  await until("it stands still", () => stateOf(process.pid).startsWith("T"));
}

/** The state of a process in the letters of ps(1); nothing when it is gone. */
function stateOf(pid: number): string {
  const { stdout } = new Deno.Command("ps", {
    args: ["-o", "stat=", "-p", `${pid}`],
  }).outputSync();
  return new TextDecoder().decode(stdout).trim();
}

/** A turn that a test has. */
export interface HeldTurn {
  /** Lets those go who wait for it, and waits until it is free. */
  release(): Promise<void>;
}

/**
 * Takes the turn of a cache, so that others wait, in this process or
 * in another: the way to have many wait at the same moment.
 */
export async function holdTurn(
  cache: TokenCache,
  work: ExclusiveWork,
): Promise<HeldTurn> {
  const end = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const held = cache.exclusive(work, () => {
    begun.resolve();
    return end.promise;
  });
  await begun.promise;
  return {
    release() {
      end.resolve();
      return held;
    },
  };
}
