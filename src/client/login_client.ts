import { exclusivelyOr } from "../cache/exclusively_or.ts";
import {
  ClientAttempts,
  type ClientRecord,
  isOfClient,
} from "../oauth/client_attempts.ts";
import type { ProtocolOptions } from "../oauth/protocol.ts";
import { hasTokens, type Tokens } from "../token/token.ts";
import { clientAfter, type ClientStep } from "./client_journal.ts";
import type { Context } from "./context.ts";

/**
 * Returns how the provider accepted the client of the stored tokens, so that a
 * login tries no other way. Rejections are left out: a person approves each login
 * before the secret is sent, and may have put right what was wrong.
 *
 * @param context The context.
 * @param stored The stored tokens.
 * @returns The record; `undefined` where none is known.
 */
export async function acceptedClient(
  { provider, app }: Context,
  { client }: Tokens,
): Promise<ClientRecord | undefined> {
  if (client?.works === undefined) return undefined;
  if (!await isOfClient(client, await provider.get(), app)) return undefined;
  const { rejected, ...accepted } = client;
  // What had worked and was rejected since may work in another way now.
  return rejected?.ways.includes(client.works) ? undefined : accepted;
}

/** How long, in seconds, to wait for a refresh in progress. */
const LOCK_TIMEOUT = 10;

/** What requests of a login are sent with. */
export type CountedRequests = Pick<ProtocolOptions, "attempts" | "onRejected">;

/** Options of {@linkcode rememberingClient}. */
export interface RememberOptions {
  /** The requests. */
  readonly step: Exclude<ClientStep, "revocation">;
  /** Counts them. */
  readonly attempts: ClientAttempts;
  /**
   * Whether to remember a rejection where no tokens are stored: where a script could
   * send the secret again, as a login with a code on another device does before
   * any person is needed.
   */
  readonly withoutTokens: boolean;
}

/**
 * Runs the requests of a login, and remembers with the tokens if the client is
 * rejected: no refresh sends the same secret once more.
 *
 * @param context The context.
 * @param options The requests.
 * @param run Sends them.
 * @returns What `run` returns.
 * @throws What `run` throws.
 */
export async function rememberingClient<T>(
  context: Context,
  { step, attempts, withoutTokens }: RememberOptions,
  run: (requests: CountedRequests) => Promise<T>,
): Promise<T> {
  const remember = async () => {
    if (attempts.rejection === undefined) return;
    const { cache } = context;
    const provider = await context.provider.get();
    const save = async () => {
      const stored = await cache.load();
      if (!withoutTokens && !hasTokens(stored)) return;
      const client = await clientAfter(
        context,
        provider,
        attempts,
        stored,
        step,
      );
      if (client) await cache.save({ ...stored, client }, "journal");
    };
    // Without the lock, or a place to write to, it stays at three a login.
    await exclusivelyOr(cache, save, () => Promise.resolve(), {
      timeout: LOCK_TIMEOUT,
      onTimeout: (who) => new Error(who),
    }).catch(() => {});
  };
  try {
    const result = await run({
      attempts,
      ...(step === "device" && { onRejected: remember }),
    });
    // There is no code: a login in a browser takes its place.
    if (result === undefined) await remember();
    return result;
  } catch (error) {
    await remember();
    throw error;
  }
}

/**
 * Runs the exchange of a code that a person has approved, with what is known of
 * the client, and remembers what is learnt of it.
 *
 * @param context The context.
 * @param stored The stored tokens.
 * @param run Sends the requests.
 * @returns What `run` returns.
 * @throws What `run` throws.
 */
export async function withKnownClient<T>(
  context: Context,
  stored: Tokens,
  run: (
    requests: CountedRequests & Pick<ProtocolOptions, "client">,
  ) => Promise<T>,
): Promise<T> {
  const client = await acceptedClient(context, stored);
  const { deviceAuthorizationEndpoint } = await context.provider.get();
  return await rememberingClient(context, {
    step: "refresh",
    attempts: new ClientAttempts(),
    withoutTokens: deviceAuthorizationEndpoint !== undefined,
  }, (requests) => run({ ...requests, client }));
}
