/** Helpers that several test files share. */
import assert from "node:assert/strict";
import { TdauthError, type TdauthErrorCode } from "../src/base/errors.ts";

/** A port that nobody else in this test run gets, with what gives it back. */
export interface ReservedPort extends Disposable {
  /** A port that is free on 127.0.0.1 and ::1. */
  readonly port: number;
}

/**
 * Reserves a port below the range the system hands out by itself. Its neighbour
 * is held as a mutex until it is disposed, so tests in parallel, in this
 * process and in others, never get the same one.
 */
export function reservePort(): ReservedPort {
  for (let attempt = 0; attempt < 2000; attempt++) {
    const port = 20000 + 2 * Math.floor(Math.random() * 6000);
    let guard: Deno.Listener | undefined;
    try {
      guard = Deno.listen({ hostname: "127.0.0.1", port: port + 1 });
      for (const hostname of ["127.0.0.1", "::1"]) {
        Deno.listen({ hostname, port }).close();
      }
      const held = guard;
      return { port, [Symbol.dispose]: () => held.close() };
    } catch (error) {
      guard?.close();
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("no free port among 2000 tried");
}

/**
 * Waits until addresses of a port can be listened on; fails when that never comes.
 * A port that was just let go of may be held for a moment by a program that
 * another test of the same process is starting: it has this process's files
 * until it runs.
 */
export async function untilFree(
  port: number,
  hostnames: readonly string[] = ["127.0.0.1", "::1"],
): Promise<void> {
  const start = performance.now();
  for (;;) {
    try {
      for (const hostname of hostnames) Deno.listen({ hostname, port }).close();
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      if (performance.now() - start > 60_000) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/**
 * The name of a test for some systems alone. Elsewhere it is ignored with that
 * reason, which is why CI lets it pass there.
 *
 * @param system Unix is all but Windows.
 * @param name The test's name.
 */
export function only(
  system: "Linux" | "Unix",
  name: string,
): { name: string; ignore: boolean } {
  const { os } = Deno.build;
  const here = system === "Linux" ? os === "linux" : os !== "windows";
  return here
    ? { name, ignore: false }
    : { name: `${name} (ignored: ${system} only)`, ignore: true };
}

/** A temporary directory that is removed at the end of the test. */
export interface TemporaryDirectory extends AsyncDisposable {
  /** Its absolute path. */
  readonly path: string;
}

/** Makes a {@linkcode TemporaryDirectory}. */
export function temporaryDirectory(): TemporaryDirectory {
  const path = Deno.makeTempDirSync({ prefix: "tdauth_test_" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Waits for a promise to fail with a code, and gives the error. */
export async function failsWith(
  code: TdauthErrorCode,
  promise: Promise<unknown>,
): Promise<TdauthError> {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(error instanceof TdauthError, `${error}`);
  assert.equal(error.code, code, error.message);
  return error;
}
