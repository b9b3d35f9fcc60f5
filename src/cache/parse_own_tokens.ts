import { TdauthError } from "../errors.ts";
import { hasTokens, type Tokens } from "../token.ts";
import { looksLikeTokens } from "./looks_like_tokens.ts";
import { parseTokens } from "./token_json.ts";

/**
 * Reads the tokens of a token file. What is no token file, whole or damaged, is
 * another program's or the user's: it is refused, for it is not ours to take for
 * an empty cache, to move or to change.
 *
 * @param path The file, for the error.
 * @param text Its text.
 * @param now The clock of the tokens, in milliseconds since the epoch.
 * @returns The tokens; absent ones when the text is empty.
 * @throws {TdauthError} `cache_corrupt` when it is a damaged token file,
 * `cache_unreadable` when it is none or of a newer tdauth.
 */
export function parseOwnTokens(
  path: string,
  text: string,
  now: () => number,
): Tokens {
  let tokens: Tokens;
  try {
    tokens = parseTokens(text, now);
  } catch (error) {
    if (isCorrupt(error)) refuseOthers(path, text);
    throw error;
  }
  // A file with tokens in it is one: the way to a cached token has no second look.
  if (tokens.sealed === undefined && !hasTokens(tokens)) {
    refuseOthers(path, text);
  }
  return tokens;
}

/**
 * Refuses what is no token file.
 *
 * @param path The file, for the error.
 * @param text Its text.
 * @throws {TdauthError} `cache_unreadable` when it is none.
 */
export function refuseOthers(path: string, text: string): void {
  if (looksLikeTokens(text)) return;
  throw new TdauthError(
    "cache_unreadable",
    `Cannot use "${path}" for tokens: it holds something else, and was left as it is`,
    {
      hint:
        "name another directory with TD_CONFIG_DIR or --config-dir, or move the file away",
    },
  );
}

/** Whether an error says that a token file is damaged. */
export function isCorrupt(error: unknown): error is TdauthError {
  return error instanceof TdauthError && error.code === "cache_corrupt";
}
