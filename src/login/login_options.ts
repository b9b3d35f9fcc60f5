import type { Log } from "../base/log.ts";
import type { App } from "../oauth/client.ts";
import type { ProtocolOptions } from "../oauth/protocol.ts";
import type { Provider } from "../providers/provider.ts";
import type { Tokens } from "../token/token.ts";
import type { LoginEvent } from "./login_event.ts";

/** A PEM certificate and its private key, for an https callback URL. */
export interface Certificate {
  /** The certificate, PEM. */
  readonly cert: string;
  /** Its private key, PEM. */
  readonly key: string;
}

/** Options of `login`. */
export interface LoginOptions extends ProtocolOptions {
  /** The provider. */
  readonly provider: Provider;
  /** The app. */
  readonly app: App;
  /** Its callback URL, letter for letter. */
  readonly callbackUrl: string;
  /** The profile's name, for the page at the end. */
  readonly profile: string;
  /** The words that tdauth is called by, for the hint on that page. */
  readonly called: () => readonly string[];
  /** Why nothing listens for the redirect, which is pasted. @default {it listens where it can} */
  readonly pasteOnly?: string;
  /** Returns the certificate for an https callback URL; called only for one. */
  readonly certificate: () => Promise<Certificate>;
  /** Shows the broker's page to the user. */
  readonly openUrl: (url: string) => void | Promise<void>;
  /** Redirect URLs that the user pastes, one a line. */
  readonly pastedUrls?: AsyncIterable<string>;
  /** How long the user has, in seconds. */
  readonly loginTimeout: number;
  /** Stores the tokens; success is shown only after that. */
  readonly store: (tokens: Tokens) => Promise<void>;
  /** Hears of progress. */
  readonly onEvent: (event: LoginEvent) => void;
  /** Takes messages. */
  readonly log: Log;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}
