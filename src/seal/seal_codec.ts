import { TdauthError } from "../base/errors.ts";
import { formatSealedFile, parseSealedFile } from "../token/sealed_file.ts";
import {
  formatSealed,
  parseSealed,
  sealDamaged,
} from "../token/sealed_text.ts";
import {
  ownerOf,
  readTokenText,
  type TokenOwner,
} from "../token/token_text.ts";
import { type Box, boxOf } from "./box.ts";
import type { SealBytes, SealKey } from "./seal_key.ts";

/** A box, its key, and what it takes to find that again. */
interface KeyedBox {
  readonly parameters: string;
  readonly key: SealBytes;
  readonly box: Box;
}

/** Seals the text of tokens, and opens it: AES-256-GCM, with a key that is kept elsewhere. */
export class SealCodec {
  readonly #key: SealKey;
  readonly #name: string;
  /** The box in use, so that a passphrase is stretched once. */
  #box: KeyedBox | undefined;
  /** One whose key was made and has not sealed anything yet. */
  #made: KeyedBox | undefined;

  /**
   * Makes a codec.
   *
   * @param key Where the key comes from.
   * @param name Whose tokens they are; it is bound into what is sealed.
   */
  constructor(key: SealKey, name = "") {
    this.#key = key;
    this.#name = name;
  }

  /**
   * Opens a text with the key that sealed it.
   *
   * @param stored The text as it is stored.
   * @returns The text of the tokens; the same text when it is not sealed.
   * @throws {TdauthError} `cache_sealed` when the key cannot be had or is another, a
   * bit was changed, or the tokens are another's.
   */
  async open(stored: string): Promise<string> {
    const file = parseSealedFile(stored);
    if (file === undefined) return stored;
    const { from, parameters, box: sealed } = parseSealed(file.sealed);
    if (from !== this.#key.from) throw sealDamaged();
    const context = this.#context(file, parameters);
    while (true) {
      let keyed = this.#box;
      if (keyed?.parameters !== parameters) {
        const key = await this.#key.find(parameters);
        keyed = { parameters, key, box: await boxOf(key) };
      }
      const text = await keyed.box.open(sealed, context);
      if (text !== undefined) {
        this.#box = keyed;
        return text;
      }
      if (this.#box === keyed) this.#box = undefined;
      if (!this.#key.again?.(keyed.key)) throw sealDamaged();
    }
  }

  /**
   * Seals a text: with the key of what is stored where that is sealed, unless it is
   * an older one, else with a new one.
   *
   * @param text The text of the tokens.
   * @param read Reads what is stored.
   * @returns The text to store; {@linkcode SealCodec.written} hears when it is.
   * @throws {TdauthError} `cache_sealed` when the key cannot be had, or what is
   * stored was sealed with another; else as `read`.
   */
  async seal(text: string, read: () => Promise<string>): Promise<string> {
    const { parameters, box } = await this.#boxToWrite(read);
    const owner = ownerOf(readTokenText(text));
    const sealed = formatSealed({
      from: this.#key.from,
      parameters,
      box: await box.seal(text, this.#context(owner, parameters)),
    });
    return formatSealedFile({ sealed, ...owner });
  }

  /** Notes that what was sealed is stored, and its key in use with it. */
  written(): void {
    this.#made = undefined;
  }

  /**
   * Runs a login; the key is found or made first, for new tokens that cannot be
   * sealed would be lost. A key that then sealed nothing is forgotten.
   *
   * @param stored What is stored.
   * @param run The login.
   * @returns What `run` returns.
   * @throws {TdauthError} `cache_sealed` when there is no key to be had.
   */
  async withKey<T>(stored: string, run: () => Promise<T>): Promise<T> {
    // What is sealed is opened with its own key before anything is sent.
    if (parseSealedFile(stored) === undefined) await this.#make();
    try {
      return await run();
    } finally {
      const unused = this.#made;
      this.#made = undefined;
      if (unused !== undefined) await this.#forget(unused.parameters);
    }
  }

  /**
   * Forgets the key of a text that is stored no more, where it is kept for that
   * alone; one that cannot be forgotten harms nothing.
   *
   * @param stored The text as it was stored.
   */
  async forget(stored: string): Promise<void> {
    try {
      const file = parseSealedFile(stored);
      if (file === undefined) return;
      const { from, parameters } = parseSealed(file.sealed);
      if (from === this.#key.from) await this.#forget(parameters);
    } catch {
      // It is damaged.
    }
  }

  /**
   * Says whether a text was sealed with a key that is to be replaced.
   *
   * @param stored The text as it is stored.
   * @returns Whether it is sealed anew at the next write, though it is sealed.
   */
  async isOfOldKey(stored: string): Promise<boolean> {
    const file = parseSealedFile(stored);
    if (file === undefined) return false;
    const { parameters } = parseSealed(file.sealed);
    return await this.#key.renews?.(parameters) ?? false;
  }

  /** The box of what is stored, or a new one where that is not sealed. */
  async #boxToWrite(read: () => Promise<string>): Promise<KeyedBox> {
    let stored: string;
    try {
      // Another process may have unsealed it, or sealed it anew, since it was last read.
      stored = await read();
    } catch (error) {
      const sealed = error instanceof TdauthError &&
        error.code === "cache_sealed";
      // A store that is away for a moment, such as Redis, keeps what it is given until it is back.
      if (sealed || this.#box === undefined) throw error;
      return this.#box;
    }
    if (parseSealedFile(stored) === undefined) return await this.#make();
    // What another key has sealed must not be lost.
    await this.open(stored);
    const box = this.#box;
    return box === undefined || await this.#key.renews?.(box.parameters)
      ? await this.#make()
      : box;
  }

  /** Makes a key, once until it is used. */
  async #make(): Promise<KeyedBox> {
    if (this.#made === undefined) {
      const { key, parameters } = await this.#key.make();
      this.#made = { parameters, key, box: await boxOf(key) };
    }
    return this.#box = this.#made;
  }

  /** What stands beside the sealed tokens unencrypted, and whose they are: none of it can be changed either. */
  #context({ provider, consumerKey }: TokenOwner, parameters: string): string {
    const { from } = this.#key;
    return JSON.stringify([
      ...["tdauth tokens", from, parameters, this.#name],
      provider,
      consumerKey,
    ]);
  }

  async #forget(parameters: string): Promise<void> {
    try {
      await this.#key.forget?.(parameters);
    } catch {
      // A key that seals nothing any more harms nothing.
    }
  }
}
