import type { HintStep } from "../base/hint.ts";
import { TdauthError } from "../base/errors.ts";
import { lockWrites, readText } from "../system/atomic_file.ts";
import { UnfitFile } from "../system/read_text.ts";
import { checkOwnText, ForeignFileError, isCorrupt } from "./check_own_text.ts";
import { setAside } from "./set_aside.ts";

/** What to do about a damaged file. */
const RESTORE: HintStep = {
  text: "restore it from a backup, or log in again:",
  command: ["login"],
};

/** Options of {@linkcode OwnFile}. */
export interface OwnFileOptions {
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether a damaged file stays where it is. */
  readonly readOnly: boolean;
  /** The app whose tokens these are; any app when absent. */
  readonly consumerKey: string | undefined;
}

/** A token file as it is read: its text is used only if it is the app's and whole. */
export class OwnFile {
  readonly #path: string;
  readonly #options: OwnFileOptions;
  /** The last text that was checked and valid. */
  #checked: string | undefined;

  /**
   * Reads nothing yet.
   *
   * @param path The file.
   * @param options Whose it is, and what happens to a damaged one.
   */
  constructor(path: string, options: OwnFileOptions) {
    this.#path = path;
    this.#options = options;
  }

  /**
   * Checks a text of the file.
   *
   * @param text The text; none where there is no file.
   * @returns The text.
   * @throws {TdauthError} As {@linkcode checkOwnText}.
   */
  check(text = ""): string {
    // A text that was valid stays valid, and parsing takes longer than reading.
    if (text !== this.#checked) {
      checkOwnText(this.#path, text, this.#options.consumerKey);
      this.#checked = text;
    }
    return text;
  }

  /**
   * Reads the file; a damaged one is moved aside.
   *
   * @returns Its text; an empty one when there is none.
   * @throws {TdauthError} `cache_unreadable` or `cache_corrupt`.
   */
  read(): string {
    const { now, readOnly } = this.#options;
    try {
      return this.check(readText(this.#path));
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      if (readOnly) {
        throw new TdauthError(
          "cache_corrupt",
          `${error.message} (in "${this.#path}")`,
          { hint: RESTORE, cause: error },
        );
      }
    }
    using _lock = lockWrites(this.#path);
    try {
      // Another process may just have written a valid file in its place.
      return this.check(readText(this.#path));
    } catch (error) {
      throw isCorrupt(error) ? setAside(this.#path, error, now) : error;
    }
  }

  /**
   * Checks whether the file may be removed: it is the app's, in whatever state.
   *
   * @throws {TdauthError} `cache_unreadable` when it is another's, or no file.
   */
  refuseOthers(): void {
    try {
      this.check(readText(this.#path));
    } catch (error) {
      const unfit = error instanceof TdauthError &&
        error.cause instanceof UnfitFile;
      if (unfit || error instanceof ForeignFileError) throw error;
    }
  }
}
