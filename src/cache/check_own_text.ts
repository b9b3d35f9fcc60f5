import { TdauthError } from "../base/errors.ts";
import { hasTokens } from "../token/token.ts";
import { parseSealedFile } from "../token/sealed_file.ts";
import { parseTokens } from "../token/token_json.ts";
import type { TokenOwner } from "../token/token_text.ts";
import { looksLikeTokens } from "../system/looks_like_tokens.ts";

/** The error for a file in the tokens' place that tdauth must not use, move or change. */
export class ForeignFileError extends TdauthError {
  /**
   * @param path The file.
   * @param what What it contains.
   */
  constructor(path: string, what: string) {
    super(
      "cache_unreadable",
      `Cannot use "${path}" for tokens: it contains ${what}; left unchanged`,
      {
        hint:
          "use another directory with TD_CONFIG_DIR or --config-dir, or move the file away",
      },
    );
  }
}

/**
 * Checks that a text is that of a token file. Any other file is another program's
 * or the user's, and is rejected; so are another app's tokens, because two apps
 * and profiles can have the same file name.
 *
 * @param path The file, for the error.
 * @param text Its text.
 * @param consumerKey The app whose tokens they must be, if the file has its key;
 * any app when absent.
 * @throws {NotOurs} When it is not the app's token file.
 * @throws {TdauthError} `cache_corrupt` or `cache_sealed` when it is damaged,
 * `cache_unreadable` when a newer tdauth wrote it.
 */
export function checkOwnText(
  path: string,
  text: string,
  consumerKey: string | undefined,
): void {
  let file: TokenOwner;
  let sure = false;
  try {
    const tokens = parseSealedFile(text) ?? parseTokens(text);
    file = tokens;
    // A file with tokens is a token file: the path to a cached token skips the second check.
    sure = "accessToken" in tokens && hasTokens(tokens);
  } catch (error) {
    const newer = error instanceof TdauthError &&
      error.code === "cache_unreadable";
    if (!newer && !looksLikeTokens(text)) throw somethingElse(path);
    throw error;
  }
  if (!sure && !looksLikeTokens(text)) throw somethingElse(path);
  if (
    (file.consumerKey ?? consumerKey) !== (consumerKey ?? file.consumerKey)
  ) {
    throw new ForeignFileError(path, "another app's tokens");
  }
}

function somethingElse(path: string): ForeignFileError {
  return new ForeignFileError(path, "something else");
}

/** Whether an error says that a token file is damaged. */
export function isCorrupt(error: unknown): error is TdauthError {
  return error instanceof TdauthError && error.code === "cache_corrupt";
}
