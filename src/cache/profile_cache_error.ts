import { TdauthError } from "../base/errors.ts";
import type { SealKeySource } from "../token/sealed_text.ts";

/**
 * Creates the error for unencrypted tokens where sealed ones are expected.
 *
 * @param kind Where the key comes from, by the settings.
 * @returns The error, with the code `cache_sealed`.
 */
export function inClear(kind: SealKeySource): TdauthError {
  return new TdauthError(
    "cache_sealed",
    "Cannot use the stored tokens: they are unencrypted, but this profile's tokens are sealed",
    {
      hint: [
        {
          text: "if you put them there, seal them:",
          command: ["configure", "--seal", kind],
        },
        { text: "; if not,", command: ["logout"] },
        { text: ", then", command: ["login"] },
      ],
    },
  );
}

/**
 * Creates the error for a passphrase that is needed under a lock: asking for it
 * would make every other process wait.
 *
 * @returns The error, with the code `busy`.
 */
export function changedMeanwhile(): TdauthError {
  return new TdauthError(
    "busy",
    "Cannot open the sealed tokens: another process has just sealed them with another passphrase",
    { hint: "run it again, and enter the new passphrase" },
  );
}

/**
 * Creates the error for locks that are not released.
 *
 * @param who The holder, in words.
 * @param timeout How long this process has waited, in seconds.
 * @returns The error, with the code `busy`.
 */
export function sealBusy(who: string, timeout: number): TdauthError {
  return new TdauthError(
    "busy",
    `Cannot seal or unseal the tokens: ${who} has held their lock for ${timeout} seconds`,
    { hint: "wait for its login, or check for a hung tdauth process" },
  );
}
