import { deadline } from "../base/deadline.ts";
import { TdauthError } from "../base/errors.ts";
import { withFileLock } from "../system/file_lock.ts";
import { holderIn, holderText } from "../system/lock_holder.ts";

/** How long, in milliseconds, one that is just ending is waited for. */
const LIMIT = 1000;

/**
 * Runs the server while it holds its lock. The lock ends with the process,
 * however that ends.
 *
 * @param path The lock file.
 * @param run The server.
 * @returns What it returns.
 * @throws {TdauthError} `busy` when another one runs.
 */
export async function withServeLock<T>(
  path: string,
  run: () => Promise<T>,
): Promise<T> {
  using limit = deadline(LIMIT, {
    reason: () => {
      const holder = holderIn(path);
      return new TdauthError(
        "busy",
        `Cannot start tdauth serve: ${
          holderText(holder)
        } already serves these tokens`,
        {
          hint: holder === undefined
            ? "end it first"
            : `end it first: kill ${holder.pid}`,
        },
      );
    },
  });
  return await withFileLock(path, () => {
    limit[Symbol.dispose]();
    return run();
  }, { signal: limit.signal, command: "tdauth serve" });
}
