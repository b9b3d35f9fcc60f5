import { TdauthError } from "../base/errors.ts";
import { isNotFound, isNotPermitted } from "../system/system_error.ts";
import type {
  ProgramCall,
  ProgramResult,
  RunProgram,
} from "../system/run_program.ts";

/** A keychain: it stores a secret for the same user of the same machine. */
export interface Keychain {
  /**
   * Stores a secret.
   *
   * @param secret The secret: printable ASCII.
   * @returns What is needed to find it again, which is not secret.
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
   * Deletes a secret, where there is one.
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

/** The error of a key that is gone. */
export function keyGone(): TdauthError {
  return new TdauthError(
    "cache_sealed",
    "Cannot open the sealed tokens: their key is not in the keychain",
    {
      hint: [
        {
          text: "restore the keychain from a backup, or start over:",
          command: ["logout"],
        },
        { text: ", then", command: ["login"] },
      ],
    },
  );
}

/**
 * Finds a key in a keychain by its name.
 *
 * @param id The name, as it was stored.
 * @param look Asks the keychain; returns `undefined` where it has none of that name.
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

/** The error of a keychain that reports a key as stored, and does not return it. */
export function notKept(): TdauthError {
  return keychainError(
    "it does not return the key that was stored",
    "nothing was sealed; check that other programs can store passwords in it, or seal with a passphrase or a key",
  );
}

/**
 * Runs a keychain's program.
 *
 * @param run Runs it.
 * @param tool The program.
 * @param install How to get it where there is none.
 * @returns How it ended, whatever its exit code.
 * @throws {TdauthError} `cache_sealed` when there is none, or it times out.
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
        `this script lacks the permission to run ${tool.program} (--allow-run)`,
        `run it with --allow-run=${tool.program}`,
        cause,
      );
    }
    throw cause;
  }
  if (!result.timedOut) return result;
  throw keychainError(
    `${tool.program} waited for a prompt and was terminated`,
    "unlock the keychain, then retry",
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
    "run the command again with --verbose to see the cause",
    said ? new Error(said) : undefined,
  );
}

/** The error of a keychain that needs its user first. */
export function keychainLocked(): TdauthError {
  return keychainError(
    "it is locked, and this session cannot prompt to unlock it",
    "log in to the desktop or unlock it, then retry",
  );
}

/** Returns a new name for a key: the process list shows it, and it reveals nothing. */
export function newKeyId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** Whether a string is such a name; any other was not generated here, and is passed to no program. */
export function isKeyId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}
