import { TdauthError } from "../base/errors.ts";
import { isNotFound, isNotPermitted } from "../system/system_error.ts";
import type {
  ProgramCall,
  ProgramResult,
  RunProgram,
} from "../system/run_program.ts";

/** A keychain: what it is given it gives back to the same user of the same machine. */
export interface Keychain {
  /**
   * Keeps a secret.
   *
   * @param secret The secret: printable ASCII.
   * @returns What it takes to find it again, which is no secret.
   * @throws {TdauthError} `cache_sealed` when the keychain cannot be used.
   */
  keep(secret: string): Promise<string>;
  /**
   * Finds a secret.
   *
   * @param parameters What {@linkcode Keychain.keep} gave.
   * @returns The secret.
   * @throws {TdauthError} `cache_sealed` when it is not there, or the keychain cannot be used.
   */
  find(parameters: string): Promise<string>;
  /**
   * Forgets a secret, where there is anything to forget.
   *
   * @param parameters What {@linkcode Keychain.keep} gave.
   * @throws {TdauthError} `cache_sealed` when the keychain cannot be used.
   */
  forget(parameters: string): Promise<void>;
}

/** The error of a keychain that cannot be used. */
export function keychainError(
  why: string,
  hint: string,
  cause?: unknown,
): TdauthError {
  return new TdauthError(
    "cache_sealed",
    `Cannot use the keychain: ${why}`,
    { hint, ...(cause !== undefined && { cause }) },
  );
}

/** The error of a key that is not there any more. */
export function keyGone(): TdauthError {
  return new TdauthError(
    "cache_sealed",
    "Cannot open the sealed tokens: their key is not in the keychain",
    {
      hint: [
        {
          text: "restore the keychain from a backup, or start anew:",
          command: ["logout"],
        },
        { text: ", then", command: ["login"] },
      ],
    },
  );
}

/**
 * Finds a key in a keychain that knows it by a name.
 *
 * @param id The name, as it was stored.
 * @param look Asks the keychain; gives nothing where it has none of that name.
 * @returns The key.
 * @throws {TdauthError} `cache_sealed` when it is not there.
 */
export async function keyNamed(
  id: string,
  look: (id: string) => Promise<string | undefined>,
): Promise<string> {
  const found = isKeyId(id) ? await look(id) : undefined;
  if (found === undefined) throw keyGone();
  return found;
}

/** The error of a keychain that says that it kept a key, and does not give it back. */
export function notKept(): TdauthError {
  return keychainError(
    "it does not give back the key that it was to keep",
    "nothing is sealed with it; see whether other programs can store passwords in it, or seal with a passphrase or a key",
  );
}

/**
 * Runs a program of a keychain.
 *
 * @param run Runs it.
 * @param tool The program.
 * @param install How to get it where there is none.
 * @returns How it ended, whatever its exit code.
 * @throws {TdauthError} `cache_sealed` when there is none, or it does not end.
 */
export async function ask(
  run: RunProgram,
  tool: ProgramCall,
  install: string,
): Promise<ProgramResult> {
  let result: ProgramResult;
  try {
    result = await run(tool);
  } catch (cause) {
    if (isNotFound(cause)) {
      throw keychainError(
        `there is no program ${tool.program}`,
        `${install}; on a machine without a keychain, seal with a passphrase or a key`,
        cause,
      );
    }
    if (isNotPermitted(cause)) {
      throw keychainError(
        `this script was not given the permission to run ${tool.program} (--allow-run)`,
        `run it with --allow-run=${tool.program}`,
        cause,
      );
    }
    throw cause;
  }
  if (!result.timedOut) return result;
  throw keychainError(
    `${tool.program} waits for an answer and was ended`,
    "unlock the keychain, then run the command again",
  );
}

/** The error of a program that failed, with its last words as the cause. */
export function programFailed(
  { program }: ProgramCall,
  { code, stderr }: ProgramResult,
): TdauthError {
  const said = stderr.trim().split("\n").at(-1)?.trim();
  return keychainError(
    `${program} failed with exit code ${code}`,
    "run the command again with --verbose for the cause",
    said ? new Error(said) : undefined,
  );
}

/** The error of a keychain that wants its user first. */
export function keychainLocked(): TdauthError {
  return keychainError(
    "it is locked, and there is nobody to unlock it",
    "log in to the desktop or unlock it, then run the command again",
  );
}

/** A new name for a key: it is seen in the list of processes, and says nothing. */
export function newKeyId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** Whether a text is such a name; any other was not made here, and is given to no program. */
export function isKeyId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}
