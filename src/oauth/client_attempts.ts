import { TdauthError } from "../base/errors.ts";
import type { ClientAuthentication, Provider } from "../providers/provider.ts";
import type { Tokens } from "../token/token.ts";
import { AnswerError } from "./answer_error.ts";
import { type App, authenticationWays, clientId } from "./client.ts";

/** How a broker has accepted or rejected the client that refreshes tokens. */
export type ClientRecord = NonNullable<Tokens["client"]>;

/** No answers make one call send a secret more often than this, nor all calls one that is rejected. */
export const MOST_REQUESTS = 3;

/**
 * The requests by which one call proves who the client is. It is shared by all
 * requests of the call, so that no answers make it send a secret again and again.
 */
export class ClientAttempts {
  /** The ways by which the broker has rejected the client. */
  readonly rejected: Set<string>;
  #left = MOST_REQUESTS;
  #rejections = 0;
  #rejection: TdauthError | undefined;

  /**
   * Starts to count.
   *
   * @param rejected The ways by which the broker has rejected the client before.
   */
  constructor(rejected: readonly string[] = []) {
    this.rejected = new Set(rejected);
  }

  /** Whether another request may be sent. */
  get left(): boolean {
    return this.#left > 0;
  }

  /** How often the broker has rejected the client in this call. */
  get rejections(): number {
    return this.#rejections;
  }

  /** The last of these rejections. */
  get rejection(): TdauthError | undefined {
    return this.#rejection;
  }

  /** Counts a request that is about to be sent. */
  count(): void {
    this.#left--;
  }

  /** Notes that a way was rejected. */
  reject(way: string, error: TdauthError): void {
    this.rejected.add(way);
    this.#rejections++;
    this.#rejection = error;
  }

  /** Notes that the broker accepted the client: the call's next request begins anew. */
  accept(): void {
    this.#left = MOST_REQUESTS;
  }
}

/** How {@linkcode authenticated} tries. */
export interface AuthenticatedOptions {
  /** How the broker has accepted the client before; of other settings when it does not match. */
  readonly record?: ClientRecord | undefined;
  /** The requests so far. */
  readonly attempts: ClientAttempts;
  /** Remembers a rejection before the next request is sent: this process may be killed in between. */
  readonly onRejected?: (() => Promise<void>) | undefined;
}

/** The result of a request, and what proved the client. */
export interface Authenticated<T> {
  /** What the request returned. */
  readonly value: T;
  /** What to remember; `undefined` where there is nothing to choose. */
  readonly record?: ClientRecord;
}

/**
 * Runs a request with the client authentication that has worked before, else with
 * each that the provider may mean until the broker does not reject the client.
 *
 * @param provider The provider.
 * @param app The app.
 * @param options The record and the requests so far.
 * @param run Sends the request; its error is a {@linkcode TdauthError}.
 * @returns Its result, and what to remember.
 * @throws What the last request threw.
 */
export async function authenticated<T>(
  provider: Provider,
  app: App,
  { record, attempts, onRejected }: AuthenticatedOptions,
  run: (way: ClientAuthentication) => Promise<T>,
): Promise<Authenticated<T>> {
  const ways = authenticationWays(provider, app);
  const known = await isOfClient(record, provider, app) ? record : undefined;
  const worked = ways.filter((way) => way === known?.works);
  const candidates = worked.length > 0
    ? worked
    : ways.filter((way) => !attempts.rejected.has(way));
  // All were rejected, and yet it is asked for: the caller has its reason.
  const tries = candidates.length > 0 ? candidates : ways.slice(0, 1);
  for (const [index, way] of tries.entries()) {
    try {
      attempts.count();
      const value = await run(way);
      attempts.accept();
      if (ways.length === 1) return { value };
      const settings = known?.settings ?? await fingerprint(provider, app);
      return { value, record: { settings, works: way } };
    } catch (error) {
      if (!isClientRejected(error)) throw error;
      attempts.reject(way, error);
      if (index === tries.length - 1 || !attempts.left) throw error;
      await onRejected?.();
    }
  }
  throw new Error("unreachable: there is a way to try");
}

/**
 * Returns what to remember of a client that the broker rejected.
 *
 * @param provider The provider.
 * @param app The app.
 * @param rejected When it was, why, and how the client authenticated.
 * @returns The record.
 */
export async function rejectedRecord(
  provider: Provider,
  app: App,
  rejected: NonNullable<ClientRecord["rejected"]>,
): Promise<ClientRecord> {
  return { settings: await fingerprint(provider, app), rejected };
}

/**
 * Whether a record is about this client, and not about other settings.
 *
 * @param record The record.
 * @param provider The provider.
 * @param app The app.
 */
export async function isOfClient(
  record: ClientRecord | undefined,
  provider: Provider,
  app: App,
): Promise<boolean> {
  if (record === undefined) return false;
  const [salt = ""] = record.settings.split(".");
  return await fingerprint(provider, app, salt) === record.settings;
}

/** Whether the broker rejected the client. */
export function isClientRejected(error: unknown): error is TdauthError {
  return error instanceof TdauthError && error.cause instanceof AnswerError &&
    error.cause.verdict === "settings";
}

/** Tells settings apart without holding them: a salt and a hash, 128 bits each. */
async function fingerprint(
  provider: Provider,
  app: App,
  salt: string = base64url(crypto.getRandomValues(new Uint8Array(16))),
): Promise<string> {
  const settings = JSON.stringify([
    salt,
    provider.tokenEndpoint,
    provider.clientAuthentication,
    clientId(provider, app.consumerKey),
    app.consumerSecret,
  ]);
  const hash = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(settings),
  );
  return `${salt}.${base64url(new Uint8Array(hash, 0, 16))}`;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
