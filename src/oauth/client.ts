import { type ClientAuth, ClientSecretPost, None } from "oauth4webapi";
import { TdauthError } from "../base/errors.ts";
import type { ClientAuthentication, Provider } from "../providers/provider.ts";

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
  const needsSecret = provider.needsSecret ??
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
 * Lists the ways by which the client may authenticate, the first to be tried
 * first. There is more than one where the provider does not say: servers do not
 * agree on whether a Basic header is percent-encoded, nor announce it.
 *
 * @param provider The provider.
 * @param app The app.
 * @returns The ways, three at most.
 * @throws {TdauthError} `invalid_options` when it requires a secret and there is none.
 */
export function authenticationWays(
  provider: Provider,
  app: App,
): readonly ClientAuthentication[] {
  checkClient(provider, app);
  const { consumerKey, consumerSecret } = app;
  if (consumerSecret === undefined) return ["none"];
  const { clientAuthentication, announcedAuthentications } = provider;
  if (clientAuthentication !== undefined) return [clientAuthentication];
  const id = clientId(provider, consumerKey);
  const ways: ClientAuthentication[] = ["client_secret_basic"];
  // A colon in the id would end it there.
  if (isEncoded(id + consumerSecret) && !id.includes(":")) {
    ways.push("client_secret_raw_basic");
  }
  const post = "client_secret_post";
  if (announcedAuthentications?.includes(post) ?? true) ways.push(post);
  return ways;
}

/**
 * Returns the library's client authentication.
 *
 * @param way How the client authenticates.
 * @param app The app.
 * @returns What puts the proof into a request.
 */
export function clientAuthentication(
  way: ClientAuthentication,
  { consumerSecret: secret }: App,
): ClientAuth {
  if (way === "none" || secret === undefined) return None();
  if (way === "client_secret_post") return ClientSecretPost(secret);
  const part = way === "client_secret_basic" ? encoded : (text: string) => text;
  return (_as, { client_id }, _body, headers) => {
    headers.set(
      "authorization",
      `Basic ${base64(`${part(client_id)}:${part(secret)}`)}`,
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
    encoded(secret),
    base64(`${id}:${secret}`),
    base64(`${encoded(id)}:${encoded(secret)}`),
  ];
}

/**
 * Percent-encodes a part of a Basic header (RFC 6749 §2.3.1). RFC 3986's
 * unreserved characters stay as they are: most servers do not decode the header,
 * so that every UUID would be wrong; those that do decode it find the same.
 */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll("%20", "+").replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function isEncoded(text: string): boolean {
  return encoded(text) !== text;
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
