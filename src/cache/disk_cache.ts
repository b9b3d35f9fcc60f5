import type { HintStep } from "../base/hint.ts";
import { isAbsolute, withoutSlash } from "../system/config_dir.ts";
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
   * What happens before the first read: `make` creates a missing directory and
   * file, `protect` restricts existing ones to their owner, `look` changes
   * nothing, and neither do reads then: a damaged file stays where it is. The
   * first write creates what is missing. @default {"make"}
   */
  readonly open?: "make" | "protect" | "look";
  /** The app whose tokens these are: a file of another one is rejected. @default {any app} */
  readonly consumerKey?: string;
  /** What this process is called, for those that wait for its lock. @default {the script's name} */
  readonly command?: string;
}

/** The default file name; an app's own file is named after its consumer key. */
const DEFAULT_NAME = "tokens.json";
/** The text of a cache without tokens. */
const EMPTY = formatTokens(noTokens());

/**
 * Stores tokens in a file that only its owner can read. Every write is atomic and
 * durable; every read returns the current file, whichever process wrote it.
 *
 * @example
 * ```ts
 * import { AccessToken, DiskCache } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * const directory = await Deno.makeTempDir();
 * const cache = new DiskCache(`${directory}/a/b`, "tokens.json"); // creates the directories and the file
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
  readonly #command: string | undefined;
  /** The last text that was checked and valid. */
  #checked: string | undefined;
  /** Whether the directory was checked once: tokens that were requested after that must be stored there, whatever happens to it. */
  #known = false;

  /**
   * Creates the directory (0700), with its parents, and an empty cache file
   * (0600) if missing, unless {@linkcode DiskCacheOptions.open} says otherwise.
   *
   * @param configDir The directory, as an absolute path. Default: the platform's, with `tdauth` in it.
   * @param filename The file's name in it. Default: `tokens.json`.
   * @param options The clock, and what is created.
   * @throws {TypeError} When the directory is not absolute or the name has a directory in it.
   * @throws {TdauthError} `cache_unreadable` when the directory or the file
   * cannot be created; `invalid_options` when no directory is set and the
   * platform's is unknown.
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
    this.path = `${withoutSlash(configDir)}/${filename}`;
    this.#now = options.now ?? Date.now;
    this.#name = filename;
    this.#looks = options.open === "look";
    this.#consumerKey = options.consumerKey;
    this.#command = options.command;
    if (this.#looks) return;
    if (options.open === "protect") {
      protectDirectory(configDir);
      makePrivateFile(this.path);
      return;
    }
    this.#makeDirectory();
    if (!makePrivateFile(this.path)) this.#update((old) => old || EMPTY);
  }

  /** The access token in the file; setting it writes the file immediately. */
  get accessToken(): AccessToken {
    return this.#tokens(this.#read()).accessToken;
  }
  set accessToken(accessToken: AccessToken) {
    this.#update((old) => formatTokens({ ...this.#tokens(old), accessToken }));
  }

  /** The refresh token in the file; setting it writes the file immediately. */
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
   * another program's: it is unchanged; `cache_corrupt` when it is a damaged
   * token file: it is then moved aside in the same directory, and the message
   * says where.
   */
  // deno-lint-ignore require-await -- what it throws must become a rejection
  async read(): Promise<string> {
    return this.#read();
  }

  /**
   * Writes the file; its keys that are unknown to tdauth are kept, unless the text is sealed.
   *
   * @param text The text of the tokens.
   * @param _options Not used by a file.
   * @throws {TdauthError} `cache_unreadable` when the file cannot be written; the
   * old one is then unchanged. `cache_corrupt` when the text is not that of
   * tokens; nothing is written then.
   */
  // deno-lint-ignore require-await -- what it throws must become a rejection
  async write(text: string, _options?: WriteOptions): Promise<void> {
    readTokenText(text); // what the next read would reject is never stored
    this.#update(() => text || EMPTY);
  }

  /**
   * Empties the cache and keeps the file; takes effect immediately, awaited or
   * not. If the file cannot be written it is removed.
   *
   * @throws {TdauthError} `cache_unreadable` when the file cannot be written.
   */
  // deno-lint-ignore require-await -- what it throws must become a rejection
  async clear(): Promise<void> {
    try {
      this.#update(() => EMPTY);
    } catch (error) {
      this.#refuseOthers();
      // On a full disk no write succeeds, and the tokens must go all the same.
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
   * @returns What `run` returns.
   * @throws {TdauthError} `cache_unreadable` when the lock file cannot be
   * created; else what `run` throws, or the reason of the signal that ended the
   * wait.
   */
  // deno-lint-ignore require-await -- what it throws must become a rejection
  async exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options: ExclusiveOptions = {},
  ): Promise<T> {
    const directory = directoryOf(this.path);
    this.#makeDirectory();
    const path = `${directory}/.${this.#name}.${work}.lock`;
    return withFileLock(path, run, { ...options, command: this.#command });
  }

  #tokens(text: string): Tokens {
    return parseTokens(text, this.#now);
  }

  /** The file's text, if it is this app's and whole. */
  #ownText(text = ""): string {
    // A text that was valid stays valid, and parsing takes longer than reading.
    if (text !== this.#checked) {
      checkOwnText(this.path, text, this.#consumerKey);
      this.#checked = text;
    }
    return text;
  }

  /** Throws only if the file is another's, which must not be removed. */
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
      // Another process may just have written a valid file in its place.
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
