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
  proveReplaceable,
  updateFile,
  type UpdateOptions,
  writeLockOf,
} from "../system/atomic_file.ts";
import { lockToStore, withFileLock } from "../system/file_lock.ts";
import { removeFile, removeQuietly } from "../system/files.ts";
import { targetOf } from "../system/link_target.ts";
import { removeReserved, reserveRoom } from "../system/reserved_room.ts";
import { isCorrupt } from "./check_own_text.ts";
import { OwnFile } from "./own_file.ts";
import { cachePath } from "./cache_path.ts";
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
  WriteKind,
  WriteOptions,
} from "./token_cache.ts";

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
  readonly #file: OwnFile;
  readonly #command: string | undefined;
  /** Whether the directory was checked once: tokens that were requested after that must be stored there, whatever happens to it. */
  #known = false;
  /** The files that reserve space, by work. */
  readonly #rooms = new Map<WriteKind, string>();

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
    this.path = cachePath(configDir, filename);
    this.#now = options.now ?? Date.now;
    this.#name = filename;
    const readOnly = options.open === "look";
    this.#file = new OwnFile(this.path, {
      now: this.#now,
      readOnly,
      consumerKey: options.consumerKey,
    });
    this.#command = options.command;
    if (readOnly) return;
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
    return this.#tokens(this.#file.read()).accessToken;
  }
  set accessToken(accessToken: AccessToken) {
    this.#update((old) => formatTokens({ ...this.#tokens(old), accessToken }));
  }

  /** The refresh token in the file; setting it writes the file immediately. */
  get refreshToken(): RefreshToken {
    return this.#tokens(this.#file.read()).refreshToken;
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
    return this.#file.read();
  }

  /**
   * Writes the file; its keys that are unknown to tdauth are kept, unless the text is sealed.
   *
   * @param text The text of the tokens.
   * @param options Its kind: tokens from a broker wait longer for another writer.
   * @throws {TdauthError} `cache_unreadable` when the file cannot be written; the
   * old one is then unchanged. `cache_corrupt` when the text is not that of
   * tokens; nothing is written then.
   */
  async write(text: string, options?: WriteOptions): Promise<void> {
    readTokenText(text); // what the next read would reject is never stored
    const write = (how?: UpdateOptions) =>
      this.#update(() => text || EMPTY, how);
    if (options === undefined || options.kind === "journal") return write();
    // What a broker has issued cannot be had again.
    this.#makeDirectory();
    const locked = lockToStore(writeLockOf(this.path));
    // At once where it is free.
    using lock = locked instanceof Promise ? await locked : locked;
    const reserved = this.#rooms.get(options.kind);
    write({ lock, ...(reserved !== undefined && { reserved }) });
  }

  /**
   * Reserves space on the disk for the next tokens, and for those of a login
   * proves that the file can be replaced.
   *
   * @param work What the tokens are from; its lock is held.
   * @returns Releases the space when it is disposed.
   * @throws {TdauthError} `cache_unreadable` when tokens cannot be stored.
   */
  // deno-lint-ignore require-await -- what it throws must become a rejection
  async reserve(work: ExclusiveWork): Promise<Disposable> {
    this.#makeDirectory();
    if (work === "login") {
      proveReplaceable(this.path, (text) => void this.#file.check(text));
    }
    const room = reserveRoom(this.path, work);
    this.#rooms.set(work, room);
    return {
      [Symbol.dispose]: () => {
        this.#rooms.delete(work);
        removeQuietly(room);
      },
    };
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
      removeReserved(targetOf(this.path));
    } catch (error) {
      this.#file.refuseOthers();
      // On a full disk no write succeeds, and the tokens must go all the same.
      try {
        removeFile(targetOf(this.path));
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

  #update(change: (old: string) => string, options?: UpdateOptions): void {
    this.#makeDirectory();
    updateFile(this.path, (previous = "") => {
      try {
        return keepUnknown(change(this.#file.check(previous)), previous);
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        setAside(this.path, error, this.#now);
        return change("");
      }
    }, options);
  }

  #makeDirectory(): void {
    makePrivateDirectory(directoryOf(this.path), { known: this.#known });
    this.#known = true;
  }
}
