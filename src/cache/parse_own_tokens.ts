import { TdauthError } from "../errors.ts";
import { hasTokens, type Tokens } from "../token.ts";
import { looksLikeTokens } from "../system/looks_like_tokens.ts";
import { parseTokens } from "./token_json.ts";

/** What is at the place of the tokens is not ours to take, to move or to change. */
export class NotOurs extends TdauthError {
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

/** How {@linkcode parseOwnTokens} reads. */
export interface ParseOwnTokensOptions {
  /** The clock of the tokens, in milliseconds since the epoch. */
  readonly now: () => number;
  /** The app whose tokens they must be, where the file says whose they are. @default {any} */
  readonly consumerKey?: string | undefined;
}

/**
 * Reads the tokens of a token file. What is no token file, whole or damaged, is
 * another program's or the user's, and is refused; so are the tokens of another
 * app, for two apps and profiles can name the same file.
 *
 * @param path The file, for the error.
 * @param text Its text.
 * @param options The clock and the app.
 * @returns The tokens; absent ones when the text is empty.
 * @throws {NotOurs} When it is not the app's token file.
 * @throws {TdauthError} `cache_corrupt` or `cache_sealed` when it is damaged,
 * `cache_unreadable` when a newer tdauth wrote it.
 */
export function parseOwnTokens(
  path: string,
  text: string,
  { now, consumerKey }: ParseOwnTokensOptions,
): Tokens {
  let tokens: Tokens;
  try {
    tokens = parseTokens(text, now);
  } catch (error) {
    const newer = error instanceof TdauthError &&
      error.code === "cache_unreadable";
    if (!newer && !looksLikeTokens(text)) throw somethingElse(path);
    throw error;
  }
  // A file with tokens in it is one: the way to a cached token has no second look.
  if (tokens.sealed !== undefined || !hasTokens(tokens)) {
    if (!looksLikeTokens(text)) throw somethingElse(path);
  }
  if (
    (tokens.consumerKey ?? consumerKey) !== (consumerKey ?? tokens.consumerKey)
  ) {
    throw new NotOurs(path, "the tokens of another app");
  }
  return tokens;
}

function somethingElse(path: string): NotOurs {
  return new NotOurs(path, "something else");
}

/** Whether an error says that a token file is damaged. */
export function isCorrupt(error: unknown): error is TdauthError {
  return error instanceof TdauthError && error.code === "cache_corrupt";
}
