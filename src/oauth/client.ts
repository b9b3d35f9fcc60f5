import {
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  None,
} from "oauth4webapi";
import { TdauthError } from "../base/errors.ts";
import type { Provider } from "../providers/provider.ts";

/** The user's app as the broker knows it: an OAuth 2.0 client. */
export interface App {
  /** The OAuth client id. */
  readonly consumerKey: string;
  /** The OAuth client secret, where the broker issued one. */
  readonly consumerSecret?: string;
}

/**
 * The client id as it is sent: with the suffix that TD Ameritrade's had,
 * whether the user gave it or not.
 */
export function clientId(provider: Provider, consumerKey: string): string {
  const suffix = provider.consumerKeySuffix ?? "";
  return consumerKey.toUpperCase().endsWith(suffix.toUpperCase())
    ? consumerKey
    : consumerKey + suffix;
}

/**
 * Looks whether the app has what the provider asks of it, before anything is sent.
 *
 * @param provider The provider.
 * @param app The app.
 * @throws {TdauthError} `invalid_options` when it requires a secret and there is none.
 */
export function checkClient(provider: Provider, app: App): void {
  const needsSecret =
    provider.clientAuthentication === "client_secret_raw_basic";
  if (!needsSecret || app.consumerSecret !== undefined) return;
  throw new TdauthError(
    "invalid_options",
    `Cannot use ${provider.name}: no consumer secret is set`,
    {
      hint: { text: "set TD_CONSUMER_SECRET, or run", command: ["configure"] },
    },
  );
}

/**
 * Returns the library's client authentication.
 *
 * @param provider The provider.
 * @param app The app.
 * @returns What puts the proof into a request.
 * @throws {TdauthError} `invalid_options` when it requires a secret and there is none.
 */
export function clientAuthentication(provider: Provider, app: App): ClientAuth {
  checkClient(provider, app);
  const secret = app.consumerSecret;
  const way = provider.clientAuthentication ?? "client_secret_basic";
  if (way === "none" || secret === undefined) return None();
  if (way === "client_secret_post") return ClientSecretPost(secret);
  if (way === "client_secret_basic") return ClientSecretBasic(secret);
  return (_as, client, _body, headers) => {
    headers.set(
      "authorization",
      `Basic ${base64(`${client.client_id}:${secret}`)}`,
    );
  };
}

/**
 * What of the app must not be shown when a broker repeats it: the secret, and
 * the key and the secret as they travel in a Basic header.
 *
 * @param provider The provider.
 * @param app The app.
 * @returns The texts.
 */
export function clientSecrets(provider: Provider, app: App): string[] {
  const { consumerKey } = app;
  const secret = app.consumerSecret?.toWellFormed();
  if (secret === undefined) return [];
  const id = clientId(provider, consumerKey);
  return [
    secret,
    encodeURIComponent(secret),
    base64(`${id}:${secret}`),
    base64(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`),
  ];
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
