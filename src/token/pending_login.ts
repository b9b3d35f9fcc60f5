import { isObject } from "./token_text.ts";

/** What a login in two steps keeps between them. */
export interface PendingLoginData {
  /** Tells it from other logins; no secret. */
  readonly id: string;
  /** What the redirect must carry; a secret. */
  readonly state: string;
  /** The PKCE verifier, where the provider supports PKCE; a secret. */
  readonly codeVerifier?: string | undefined;
  /** The callback URL, as it was sent. */
  readonly callbackUrl: string;
  /** The id of the provider. */
  readonly provider: string;
  /** The app's key. */
  readonly consumerKey: string;
  /** Until when it can be finished, in seconds since the epoch. */
  readonly expires: number;
}

/** A login that was begun and can be finished. Inspecting it shows no secret. */
export class PendingLogin implements PendingLoginData {
  /** Tells it from other logins; no secret. */
  readonly id: string;
  /** The callback URL, as it was sent. */
  readonly callbackUrl: string;
  /** The id of the provider. */
  readonly provider: string;
  /** The app's key. */
  readonly consumerKey: string;
  /** Until when it can be finished, in seconds since the epoch. */
  readonly expires: number;
  readonly #state: string;
  readonly #codeVerifier: string | undefined;

  /** @param data What it keeps. */
  constructor(data: PendingLoginData) {
    this.id = data.id;
    this.callbackUrl = data.callbackUrl;
    this.provider = data.provider;
    this.consumerKey = data.consumerKey;
    this.expires = data.expires;
    this.#state = data.state;
    this.#codeVerifier = data.codeVerifier;
  }

  /**
   * Reads one from a token file.
   *
   * @param value What the file has.
   * @returns The login; `undefined` when that is none.
   */
  static from(value: unknown): PendingLogin | undefined {
    if (!isObject(value)) return undefined;
    const text = (name: string) => {
      const found = value[name];
      return typeof found === "string" && found !== "" ? found : undefined;
    };
    const { expires } = value;
    const id = text("id");
    const state = text("state");
    const callbackUrl = text("callback_url");
    const provider = text("provider");
    const consumerKey = text("consumer_key");
    if (
      id === undefined || state === undefined || callbackUrl === undefined ||
      provider === undefined || consumerKey === undefined ||
      typeof expires !== "number"
    ) return undefined;
    const codeVerifier = text("code_verifier");
    return new PendingLogin({
      ...{ id, state, codeVerifier, callbackUrl },
      ...{ provider, consumerKey, expires },
    });
  }

  /** What the redirect must carry; a secret. */
  get state(): string {
    return this.#state;
  }

  /** The PKCE verifier; a secret. */
  get codeVerifier(): string | undefined {
    return this.#codeVerifier;
  }

  /** Returns what a token file has of it, secrets included. */
  toFile(): Record<string, unknown> {
    return {
      id: this.id,
      state: this.#state,
      code_verifier: this.#codeVerifier,
      callback_url: this.callbackUrl,
      provider: this.provider,
      consumer_key: this.consumerKey,
      expires: this.expires,
    };
  }
}
