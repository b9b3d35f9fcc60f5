import { TdauthError } from "../base/errors.ts";
import { type App, authenticationWays } from "../oauth/client.ts";
import {
  ClientAttempts,
  type ClientRecord,
  isOfClient,
  rejectedRecord,
} from "../oauth/client_attempts.ts";
import type { Provider } from "../providers/provider.ts";
import type { Tokens } from "../token/token.ts";

/** How long, in seconds, a rejection of the client holds where the provider says how it authenticates: a new app may become ready. */
const REJECTION_HOLDS = 600;

/** Whose record it is. */
export interface ClientOptions {
  /** The app. */
  readonly app: App;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Begins the requests of one call, unless the broker has rejected these settings
 * in every way that it may mean: then nothing is sent until they change, or until
 * a login.
 *
 * @param options The app and the clock.
 * @param provider The provider.
 * @param tokens The tokens with the record.
 * @returns The count of the call.
 * @throws {TdauthError} `invalid_client` when the settings are known to be wrong.
 */
export async function beginAttempts(
  { app, now }: ClientOptions,
  provider: Provider,
  { client }: Tokens,
): Promise<ClientAttempts> {
  const rejected = client?.rejected;
  if (rejected === undefined || !await isOfClient(client, provider, app)) {
    return new ClientAttempts();
  }
  const ways = authenticationWays(provider, app);
  const known = ways.filter((way) => way === client?.works);
  const open = (known.length > 0 ? known : ways)
    .filter((way) => !rejected.ways.includes(way));
  if (open.length > 0) return new ClientAttempts(rejected.ways);
  const age = now() / 1000 - rejected.time;
  const forEver = provider.clientAuthentication === undefined &&
    app.consumerSecret !== undefined;
  if (!forEver && !(age >= 0 && age < REJECTION_HOLDS)) {
    return new ClientAttempts();
  }
  throw new TdauthError(
    "invalid_client",
    `Cannot refresh the access token of ${provider.name}: with these settings it was rejected before, so nothing was sent (${rejected.reason})`,
    {
      hint: [
        {
          text: "compare the key and secret with the developer portal, run",
          command: ["configure"],
        },
        { text: ", or log in again:", command: ["login"] },
      ],
    },
  );
}

/**
 * Returns what to remember of the client after a call that failed.
 *
 * @param options The app and the clock.
 * @param provider The provider.
 * @param attempts The requests of the call.
 * @param sent The tokens that were sent, with the record so far.
 * @param reason Why the call failed, without secrets.
 * @returns The record; `undefined` where there is nothing to remember.
 */
export async function clientAfter(
  { app, now }: ClientOptions,
  provider: Provider,
  attempts: ClientAttempts,
  { client }: Tokens,
  reason: string,
): Promise<ClientRecord | undefined> {
  if (attempts.rejected.size === 0) return client;
  const record = await rejectedRecord(provider, app, attempts, {
    time: Math.floor(now() / 1000),
    reason,
  });
  const works = await isOfClient(client, provider, app)
    ? client?.works
    : undefined;
  return { ...record, ...(works !== undefined && { works }) };
}
