import { TdauthError } from "../base/errors.ts";
import { type App, authenticationWays } from "../oauth/client.ts";
import {
  ClientAttempts,
  type ClientRecord,
  isOfClient,
  MOST_REQUESTS,
  rejectedRecord,
} from "../oauth/client_attempts.ts";
import type { Provider } from "../providers/provider.ts";
import { reasonOf } from "./journal.ts";

/** How long, in seconds, a rejection of the client holds where the provider says how it authenticates: a new app may become ready. */
const REJECTION_HOLDS = 600;

/** Whose record it is. */
export interface ClientOptions {
  /** The app. */
  readonly app: App;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** The requests of which rejections are remembered. */
export type ClientStep = "refresh" | "revocation" | "device" | "poll";

/** What cannot be done, by step. */
const WHAT: Readonly<Record<ClientStep, string>> = {
  refresh: "refresh the access token of",
  revocation: "revoke the tokens at",
  device: "log in to",
  poll: "log in to",
};

/**
 * What ways are remembered by that the device authorization endpoint rejected.
 * They are not the token endpoint's: to some servers an app without the device
 * flow is no client.
 */
const DEVICE = "device:";

/**
 * Begins the requests of one call, unless the broker has rejected these settings
 * in every way that it may mean, or three times: then nothing is sent until they
 * change, or until a person logs in.
 *
 * @param options The app and the clock.
 * @param provider The provider.
 * @param tokens The tokens with the record.
 * @param step What is to be requested.
 * @returns The count of the call.
 * @throws {TdauthError} `invalid_client` when the settings are known to be wrong.
 */
export async function beginAttempts(
  { app, now }: ClientOptions,
  provider: Provider,
  { client }: { readonly client?: ClientRecord | undefined },
  step: ClientStep = "refresh",
): Promise<ClientAttempts> {
  const rejected = client?.rejected;
  if (rejected === undefined || !await isOfClient(client, provider, app)) {
    return new ClientAttempts();
  }
  const before = waysOf(rejected.ways, step);
  const ways = authenticationWays(provider, app);
  const known = ways.filter((way) => way === client?.works);
  const open = (known.length > 0 ? known : ways)
    .filter((way) => !before.includes(way));
  if (open.length > 0) return new ClientAttempts(before);
  const age = now() / 1000 - rejected.time;
  const forEver = step === "device" ||
    timesOf(rejected) >= MOST_REQUESTS ||
    provider.clientAuthentication === undefined &&
      app.consumerSecret !== undefined;
  if (!forEver && !(age >= 0 && age < REJECTION_HOLDS)) {
    return new ClientAttempts();
  }
  throw new TdauthError(
    "invalid_client",
    `Cannot ${
      WHAT[step]
    } ${provider.name}: with these settings it was rejected before, so nothing was sent (${rejected.reason})`,
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
 * Returns what to remember of the client after requests that failed.
 *
 * @param options The app and the clock.
 * @param provider The provider.
 * @param attempts The requests of the call.
 * @param before The tokens that the call began with, and their record.
 * @param step What was requested.
 * @returns The record; `undefined` where there is nothing to remember.
 */
export async function clientAfter(
  { app, now }: ClientOptions,
  provider: Provider,
  attempts: ClientAttempts,
  { client }: { readonly client?: ClientRecord | undefined },
  step: ClientStep = "refresh",
): Promise<ClientRecord | undefined> {
  if (attempts.rejection === undefined) return client;
  const same = await isOfClient(client, provider, app) ? client : undefined;
  const old = same?.rejected;
  const others = (old?.ways ?? []).filter((way) =>
    way.startsWith(DEVICE) !== (step === "device")
  );
  const prefix = step === "device" ? DEVICE : "";
  const counted = step === "device" ? 0 : attempts.rejections;
  const record = await rejectedRecord(provider, app, {
    time: Math.floor(now() / 1000),
    reason: reasonOf(attempts.rejection),
    ways: [...others, ...[...attempts.rejected].map((way) => prefix + way)],
    times: (old === undefined ? 0 : timesOf(old)) + counted,
  });
  return { ...record, ...(same?.works !== undefined && { works: same.works }) };
}

/** The ways that were rejected at the endpoint of a step. */
function waysOf(ways: readonly string[], step: ClientStep): string[] {
  return step === "device"
    ? ways.filter((way) => way.startsWith(DEVICE))
      .map((way) => way.slice(DEVICE.length))
    : ways.filter((way) => !way.startsWith(DEVICE));
}

/** How often the token endpoint has rejected the client. */
function timesOf(
  { ways, times }: NonNullable<ClientRecord["rejected"]>,
): number {
  return times ?? waysOf(ways, "refresh").length;
}
