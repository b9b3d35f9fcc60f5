import { TdauthError } from "../base/errors.ts";
import { hasTokens } from "../token/token.ts";
import { parseSealedFile } from "../token/sealed_file.ts";
import { parseTokens } from "../token/token_json.ts";
import type { TokenOwner } from "../token/token_text.ts";
import { looksLikeTokens } from "../system/looks_like_tokens.ts";

/** What is at the place of the tokens is not ours to take, to move or to change. */
export class ForeignFileError extends TdauthError {
  /**
   * @param path The file.
   * @param what What it holds.
   */
  constructor(path: string, what: string) {
    super(
      "cache_unreadable",
      `Cannot use "${path}" for tokens: it holds ${what}, and was left as it is`,
      {
        hint:
          "name another directory with TD_CONFIG_DIR or --config-dir, or move the file away",
      },
    );
  }
}

/**
 * Checks that a text is that of a token file. What is no token file, whole or
 * damaged, is another program's or the user's, and is refused; so are the tokens of
 * another app, for two apps and profiles can name the same file.
 *
 * @param path The file, for the error.
 * @param text Its text.
 * @param consumerKey The app whose tokens they must be, where the file says whose they are; any app when absent.
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
    // A file with tokens in it is one: the way to a cached token has no second look.
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
    throw new ForeignFileError(path, "the tokens of another app");
  }
}

function somethingElse(path: string): ForeignFileError {
  return new ForeignFileError(path, "something else");
}

/** Whether an error says that a token file is damaged. */
export function isCorrupt(error: unknown): error is TdauthError {
  return error instanceof TdauthError && error.code === "cache_corrupt";
}
