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

/** A box, its key, and what is needed to find the key again. */
interface KeyedBox {
  readonly parameters: string;
  readonly key: SealBytes;
  readonly box: Box;
}

/** Seals and opens the text of tokens: AES-256-GCM, with a key that is stored elsewhere. */
export class SealCodec {
  readonly #key: SealKey;
  readonly #name: string;
  /** The current box, so that a passphrase is stretched once. */
  #box: KeyedBox | undefined;
  /** The box of the last sealed text. */
  #last: KeyedBox | undefined;
  /** One whose key was generated and has not sealed anything yet. */
  #made: KeyedBox | undefined;

  /**
   * Creates a codec.
   *
   * @param key Where the key comes from.
   * @param name Whose tokens they are; it is bound into the seal.
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
   * @throws {TdauthError} `cache_sealed` when the key is missing or wrong, a bit
   * was changed, or the tokens are another's.
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
   * Seals a text: with the key of the stored text if that is sealed, unless that
   * key is an old one, else with a new one.
   *
   * @param text The text of the tokens.
   * @param read Reads what is stored.
   * @returns The text to store; call {@linkcode SealCodec.written} after that.
   * @throws {TdauthError} `cache_sealed` when the key is missing, or the stored
   * text was sealed with another; else as `read`.
   */
  async seal(text: string, read: () => Promise<string>): Promise<string> {
    const keyed = this.#last = await this.#boxToWrite(read);
    const { parameters, box } = keyed;
    const owner = ownerOf(readTokenText(text));
    const sealed = formatSealed({
      from: this.#key.from,
      parameters,
      box: await box.seal(text, this.#context(owner, parameters)),
    });
    return formatSealedFile({ sealed, ...owner });
  }

  /** Records that the sealed text is stored, and its key in use. */
  written(): void {
    if (this.#last === this.#made) this.#made = undefined;
  }

  /**
   * Gets the key that the next write needs, which may ask the user, unless that
   * would leave one in a keychain.
   *
   * @param stored What is stored.
   * @throws {TdauthError} `cache_sealed` when there is no key, or it does not open what is stored.
   */
  async prepare(stored: string): Promise<void> {
    if (parseSealedFile(stored) !== undefined) await this.open(stored);
    else if (this.#key.forget === undefined) await this.#make();
  }

  /**
   * Runs what gets new tokens; the key is found or generated first, because tokens that
   * cannot be sealed would be lost. A key that then sealed nothing is deleted.
   *
   * @param stored What is stored.
   * @param run What gets them, such as a login.
   * @returns What `run` returns.
   * @throws {TdauthError} `cache_sealed` when there is no key.
   */
  async withKey<T>(stored: string, run: () => Promise<T>): Promise<T> {
    // Open the stored seal with its own key before anything is sent.
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
   * Deletes the key of a text that is no longer stored, if the key is only for
   * that text; one that cannot be deleted does no harm.
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
   * Returns whether a text was sealed with a key that is to be replaced.
   *
   * @param stored The text as it is stored.
   * @returns Whether the next write seals it with a new key.
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
      // Another process may have unsealed or resealed it since it was last read.
      stored = await read();
    } catch (error) {
      const sealed = error instanceof TdauthError &&
        error.code === "cache_sealed";
      // The queue of a store that is briefly away, such as Redis, keeps the write until it is back.
      if (sealed || this.#box === undefined) throw error;
      return this.#box;
    }
    if (parseSealedFile(stored) === undefined) return await this.#make();
    // Do not overwrite what another key has sealed.
    await this.open(stored);
    const box = this.#box;
    return box === undefined || await this.#key.renews?.(box.parameters)
      ? await this.#make()
      : box;
  }

  /** Generates a key, once until it is used. */
  async #make(): Promise<KeyedBox> {
    if (this.#made === undefined) {
      const { key, parameters } = await this.#key.make();
      this.#made = { parameters, key, box: await boxOf(key) };
    }
    return this.#box = this.#made;
  }

  /** The unencrypted part beside the sealed tokens, and whose they are: the seal authenticates all of it. */
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
      // A key that no longer seals anything does no harm.
    }
  }
}
