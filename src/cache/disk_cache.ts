import type { HintStep } from "../base/hint.ts";
import { isAbsolute } from "../system/config_dir.ts";
import { TdauthError } from "../base/errors.ts";
import {
  type AccessToken,
  noTokens,
  type RefreshToken,
  type Tokens,
  withoutMarks,
} from "../token/token.ts";
import { formatTokens, parseTokens } from "../token/token_json.ts";
import { keepUnknown, readTokenText } from "../token/token_text.ts";
import {
  directoryOf,
  lockWrites,
  readText,
  updateFile,
} from "../system/atomic_file.ts";
import { withFileLock } from "../system/file_lock.ts";
import { removeFile } from "../system/files.ts";
import { checkOwnText, ForeignFileError, isCorrupt } from "./check_own_text.ts";
import { platformDirectory } from "./platform_directory.ts";
import {
  makePrivateDirectory,
  makePrivateFile,
  protectDirectory,
} from "../system/private_path.ts";
import { setAside } from "./set_aside.ts";
import type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
  WriteOptions,
} from "./token_cache.ts";

/** What to do about a damaged file. */
const RESTORE: HintStep = {
  text: "restore it from a backup, or log in again:",
  command: ["login"],
};

/** Options of {@linkcode DiskCache}. */
export interface DiskCacheOptions {
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
  /**
   * What is done before the first read: `make` makes the directory and the file
   * where there is none, `protect` closes to others what is there, `look` changes
   * nothing, nor does any read then: a damaged file stays where it is. The first
   * write makes what is missing. @default {"make"}
   */
  readonly open?: "make" | "protect" | "look";
  /** The app whose tokens these are: a file that says another is refused. @default {any app} */
  readonly consumerKey?: string;
}

/** The name of the file where none is given; an app's own file has the name of its consumer key. */
const DEFAULT_NAME = "tokens.json";
/** The text of a cache without tokens. */
const EMPTY = formatTokens(noTokens());

/**
 * Keeps tokens in a file that only its owner can read. Every write is atomic and
 * durable; every read is of the file as it is now, whichever process wrote it.
 *
 * @example
 * ```ts
 * import { AccessToken, DiskCache } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * const directory = await Deno.makeTempDir();
 * const cache = new DiskCache(`${directory}/a/b`, "tokens.json"); // makes the directories and the file
 * cache.accessToken = new AccessToken({ token: "A", expiresIn: 1800 }); // is on disk now
 * assert.equal(new DiskCache(`${directory}/a/b`, "tokens.json").accessToken.token, "A");
 * cache.clear(); // empties the cache and keeps the file
 * await Deno.remove(directory, { recursive: true });
 * ```
 */
export class DiskCache implements TokenCache {
  /** The absolute path of the file. */
  readonly path: string;
  readonly #now: () => number;
  readonly #name: string;
  readonly #looks: boolean;
  readonly #consumerKey: string | undefined;
  /** The text that was last found to be right. */
  #checked: string | undefined;
  /** Whether the directory has been found to be ours: what was sent for must be kept there, whatever becomes of it. */
  #known = false;

  /**
   * Makes the directory (0700), with its parents, and an empty cache file (0600)
   * where there is none, unless {@linkcode DiskCacheOptions.open} says otherwise.
   *
   * @param configDir The directory, as an absolute path. Default: the platform's, with `tdauth` in it.
   * @param filename The file's name in it. Default: `tokens.json`.
   * @param options The clock, and what is made.
   * @throws {TypeError} When the directory is not absolute or the name has a directory in it.
   * @throws {TdauthError} `cache_unreadable` when the directory or the file cannot be made;
   * `invalid_options` when no directory is given and the platform's is not known.
   */
  constructor(
    configDir: string = platformDirectory(),
    filename: string = DEFAULT_NAME,
    options: DiskCacheOptions = {},
  ) {
    if (!isAbsolute(configDir)) {
      throw new TypeError(
        `Cannot open a DiskCache in "${configDir}": the path is not absolute`,
      );
    }
    if (
      filename === "" || filename === "." || filename === ".." ||
      /[/\\\0]/.test(filename)
    ) {
      throw new TypeError(
        `Cannot open a DiskCache named "${filename}": that is not a file name`,
      );
    }
    this.path = `${configDir.replace(/(.)[/\\]+$/, "$1")}/${filename}`;
    this.#now = options.now ?? Date.now;
    this.#name = filename;
    this.#looks = options.open === "look";
    this.#consumerKey = options.consumerKey;
    if (this.#looks) return;
    if (options.open === "protect") {
      protectDirectory(configDir);
      makePrivateFile(this.path);
      return;
    }
    this.#makeDirectory();
    if (!makePrivateFile(this.path)) this.#update((old) => old || EMPTY);
  }

  /** The access token in the file; setting it writes the file at once. */
  get accessToken(): AccessToken {
    return this.#tokens(this.#read()).accessToken;
  }
  set accessToken(accessToken: AccessToken) {
    this.#update((old) => formatTokens({ ...this.#tokens(old), accessToken }));
  }

  /** The refresh token in the file; setting it writes the file at once. */
  get refreshToken(): RefreshToken {
    return this.#tokens(this.#read()).refreshToken;
  }
  set refreshToken(refreshToken: RefreshToken) {
    this.#update((old) =>
      formatTokens({ ...withoutMarks(this.#tokens(old)), refreshToken })
    );
  }

  /**
   * Reads the file.
   *
   * @returns Its text; an empty one when the file is gone.
   * @throws {TdauthError} `cache_unreadable` when the file cannot be read, or is
   * another program's: it stays as it is; `cache_corrupt` when it is a damaged
   * token file: it is then set aside, next to where it was, and the message says where.
   */
  // deno-lint-ignore require-await -- what it throws must become a rejection
  async read(): Promise<string> {
    return this.#read();
  }

  /**
   * Writes the file; keys of it that tdauth does not know are kept, unless the text is sealed.
   *
   * @param text The text of the tokens.
   * @param _options Nothing that a file needs to know.
   * @throws {TdauthError} `cache_unreadable` when the file cannot be written; the old one is then as it was.
   * `cache_corrupt` when the text is not that of tokens; nothing is written then.
   */
  // deno-lint-ignore require-await -- what it throws must become a rejection
  async write(text: string, _options?: WriteOptions): Promise<void> {
    readTokenText(text); // what the next read would refuse is never stored
    this.#update(() => text || EMPTY);
  }

  /**
   * Empties the cache and keeps the file; takes effect at once, awaited or not.
   * Where nothing can be written the file is removed.
   *
   * @throws {TdauthError} `cache_unreadable` when the file cannot be written.
   */
  // deno-lint-ignore require-await -- what it throws must become a rejection
  async clear(): Promise<void> {
    try {
      this.#update(() => EMPTY);
    } catch (error) {
      this.#refuseOthers();
      // On a full disk nothing can be written, and yet the tokens must go.
      try {
        removeFile(this.path);
      } catch {
        throw error;
      }
    }
  }

  /**
   * Runs `run` while no other holder of the same file, in this process or in
   * another, does the same kind of work, by a lock file beside the cache file.
   *
   * @param work The kind of work.
   * @param run What to do.
   * @param options What ends the wait.
   * @returns What `run` gives.
   * @throws {TdauthError} `cache_unreadable` when the lock file cannot be made; else what `run`
   * throws, or the reason of the signal that ended the wait.
   */
  // deno-lint-ignore require-await -- what it throws must become a rejection
  async exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options: ExclusiveOptions = {},
  ): Promise<T> {
    const directory = directoryOf(this.path);
    this.#makeDirectory();
    return withFileLock(
      `${directory}/.${this.#name}.${work}.lock`,
      run,
      options,
    );
  }

  #tokens(text: string): Tokens {
    return parseTokens(text, this.#now);
  }

  /** The file's text, where it is this app's and whole. */
  #ownText(text = ""): string {
    // What was found to be right is so the next time, and parsing takes longer than reading.
    if (text !== this.#checked) {
      checkOwnText(this.path, text, this.#consumerKey);
      this.#checked = text;
    }
    return text;
  }

  /** Whatever else is wrong with the file: another's is not removed. */
  #refuseOthers(): void {
    try {
      this.#ownText(readText(this.path));
    } catch (error) {
      if (error instanceof ForeignFileError) throw error;
    }
  }

  #read(): string {
    try {
      return this.#ownText(readText(this.path));
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      if (this.#looks) {
        throw new TdauthError(
          "cache_corrupt",
          `${error.message} (in "${this.path}")`,
          {
            hint: RESTORE,
            cause: error,
          },
        );
      }
    }
    using _lock = lockWrites(this.path);
    try {
      // Another process may just have put a good file in its place.
      return this.#ownText(readText(this.path));
    } catch (error) {
      throw isCorrupt(error) ? setAside(this.path, error, this.#now) : error;
    }
  }

  #update(change: (old: string) => string): void {
    this.#makeDirectory();
    updateFile(this.path, (previous = "") => {
      try {
        return keepUnknown(change(this.#ownText(previous)), previous);
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        setAside(this.path, error, this.#now);
        return change("");
      }
    });
  }

  #makeDirectory(): void {
    makePrivateDirectory(directoryOf(this.path), { known: this.#known });
    this.#known = true;
  }
}
