import { TdauthError } from "../base/errors.ts";

/** The prefix of every sealed text, even in a damaged file. */
export const SEALED_PREFIX = "tdauth-sealed:";

/** Where the key of a seal comes from. */
export type SealKeySource = "keychain" | "passphrase" | "key";

/** Sealed tokens in their parts. */
export interface SealedText {
  /** Where the key comes from. */
  readonly from: SealKeySource;
  /** What is needed to find the key, such as its name in the keychain or a salt; not secret. */
  readonly parameters: string;
  /** The encrypted text. */
  readonly box: string;
}

const FORM = /^tdauth-sealed:1:(keychain|passphrase|key):([\w.=-]*):([\w-]+)$/;

/** Writes sealed tokens as one text. */
export function formatSealed({ from, parameters, box }: SealedText): string {
  return `${SEALED_PREFIX}1:${from}:${parameters}:${box}`;
}

/**
 * Reads what {@linkcode formatSealed} wrote.
 *
 * @param text The text.
 * @returns Its parts.
 * @throws {TdauthError} `cache_sealed` when it is damaged.
 */
export function parseSealed(text: string): SealedText {
  const [, from, parameters, box] = FORM.exec(text) ?? [];
  if (from === undefined || parameters === undefined || box === undefined) {
    throw sealDamaged();
  }
  return { from: from as SealKeySource, parameters, box };
}

/** The error for a sealed file that was changed, or that another key sealed. */
export function sealDamaged(): TdauthError {
  return new TdauthError(
    "cache_sealed",
    "Cannot open the sealed tokens: wrong key, or the file was changed",
    {
      hint: [
        {
          text:
            "use the right key, or restore the file from a backup; to start over:",
          command: ["logout"],
        },
        { text: ", then", command: ["login"] },
      ],
    },
  );
}

/** The error for sealed tokens that are read without a key. */
export function sealNotExpected(text: string): TdauthError {
  const { from } = parseSealed(text);
  const source = {
    keychain: "a key in the keychain",
    passphrase: "a passphrase",
    key: "the key in TD_CACHE_KEY",
  }[from];
  return new TdauthError(
    "cache_sealed",
    `Cannot read the stored tokens: they are sealed with ${source}, but this profile is not configured for that`,
    { hint: { text: "set it:", command: ["configure", "--seal", from] } },
  );
}
