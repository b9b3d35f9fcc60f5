import type { Provider } from "./provider.ts";

/** Options of a preset's function, such as {@linkcode schwab}. */
export interface BrokerOptions {
  /**
   * Another origin that serves the broker's endpoints, such as the practice
   * broker's `http://127.0.0.1:4242`.
   * @default {the broker's own}
   */
  readonly origin?: string;
}

/** A broker that settings name by one word: what tdauth knows of it besides the protocol. */
export interface Preset {
  /** Makes the provider; its `id` without options is the word that settings use. */
  readonly provider: (options?: BrokerOptions) => Provider;
  /** A sentence for users who choose a broker. */
  readonly about: string;
  /** Whether its apps have a secret. */
  readonly secret: "needed" | "optional" | "none";
  /**
   * The apps that are taken for this broker's where no setting names one: one
   * preset takes those with a secret, one those without.
   * @default {none}
   */
  readonly assumedFor?: "secret" | "no secret";
  /** A callback URL to suggest. */
  readonly exampleCallbackUrl: string;
  /** The host where users register their apps; absent where none can be registered. */
  readonly portal?: string;
}

/** Tokens of the broker's own servers and of any other must never be taken for one another. */
export function brokerId(id: string, options: BrokerOptions): string {
  return options.origin === undefined
    ? id
    : `${id}@${new URL(options.origin).host}`;
}
