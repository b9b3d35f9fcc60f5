import { parseSealed } from "./sealed_text.ts";
import {
  ownerOf,
  readTokenText,
  type TokenOwner,
  VERSION,
  writeTokenText,
} from "./token_text.ts";

/** A token file whose tokens are sealed; the provider and the app stand beside the seal, unencrypted. */
export interface SealedFile extends TokenOwner {
  /** The sealed text. */
  readonly sealed: string;
}

/**
 * Reads a token file as far as that is possible without a key.
 *
 * @param text The file's text.
 * @returns Its content; `undefined` when it is not sealed.
 * @throws {TdauthError} `cache_sealed` when it is sealed and damaged; else as for every token file.
 */
export function parseSealedFile(text: string): SealedFile | undefined {
  const file = readTokenText(text);
  const { sealed } = file;
  if (typeof sealed !== "string") return undefined;
  parseSealed(sealed);
  return { sealed, ...ownerOf(file) };
}

/**
 * Writes a token file whose tokens are sealed.
 *
 * @param file The seal, and whose tokens they are.
 * @returns The file's text.
 */
export function formatSealedFile(
  { sealed, provider, consumerKey }: SealedFile,
): string {
  return writeTokenText({
    version: VERSION,
    sealed,
    provider,
    consumer_key: consumerKey,
  });
}
