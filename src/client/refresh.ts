import type { StoredTokens } from "../cache/stored_tokens.ts";
import { waitingFor, withLockTimeout } from "../cache/with_lock_timeout.ts";
import { TdauthError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { App } from "../oauth/client.ts";
import type { Grant } from "../oauth/grant.ts";
import { type ProtocolOptions, refreshGrant } from "../oauth/protocol.ts";
import type { ClientAttempts } from "../oauth/client_attempts.ts";
import { isSameUser } from "../oauth/id_token.ts";
import { tokensFromGrant } from "../oauth/tokens_from_grant.ts";
import type { Provider } from "../providers/provider.ts";
import { issuedBy, type Tokens } from "../token/token.ts";
import { beginAttempts, clientAfter } from "./client_journal.ts";
import {
  confirmDoubt,
  isLost,
  loginNeeded,
  mark,
  refuseAgain,
  settle,
} from "./journal.ts";
import { type RetryOptions, withRetries } from "./retry.ts";
import { Semaphore } from "./semaphore.ts";

/** Options of {@linkcode refresh}. */
export interface RefreshOptions
  extends
    Omit<ProtocolOptions, "client" | "attempts" | "onRejected">,
    Pick<RetryOptions, "sleep"> {
  /** Where the tokens are. */
  readonly cache: StoredTokens;
  /** The provider: tokens of another id are left alone; `get` is called only when a request must be sent. */
  readonly provider: {
    readonly id: string;
    readonly get: () => Promise<Provider>;
  };
  /** The app. */
  readonly app: App;
  /**
   * Whether tokens that another process stored meanwhile will do. They are
   * checked first, so that only one of all waiting callers sends the refresh.
   */
  readonly isAcceptable: (tokens: Tokens) => boolean;
  /** Logs problems that do not keep the caller from a token. */
  readonly log: Log;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** How long, in seconds, to wait for others who refresh the same tokens. @default {60} */
  readonly timeout?: number;
}

/** How long, in seconds, to wait for others who refresh the same tokens. */
const LOCK_TIMEOUT = 60;
/**
 * How many users' refreshes one process has in progress. A request beyond that
 * would only wait in the broker's queue, and its response, which carries a
 * rotated token, might arrive after its caller has given up; an unsent one can
 * wait without harm.
 */
const semaphore = new Semaphore(64);

/**
 * Gets a new access token with the refresh token in the cache, once for all
 * waiting callers in any process, and stores it before anything else happens.
 *
 * Before the request is sent, a mark is stored that it is in progress. A process
 * that finds the mark of one that ended without a response knows that the token
 * may have been used, tries it once, and can say why it failed.
 *
 * @param options The cache, the provider, the app and the edges.
 * @returns The tokens now in the cache.
 * @throws {TdauthError} `login_needed` when there is no refresh token or the
 * broker rejects it; `busy` when another process does not end;
 * else as the request's.
 */
export function refresh(options: RefreshOptions): Promise<Tokens> {
  const timeout = options.timeout ?? LOCK_TIMEOUT;
  return withLockTimeout(
    options.cache,
    "refresh",
    () => refreshExclusively(options),
    {
      timeout,
      onTimeout: (who) => busy(who, timeout),
      onWait: (who) => options.log("warning", waitingFor(who)),
      ...(options.signal && { signal: options.signal }),
    },
  );
}

/** The options of one call, which counts its requests. */
type CountedOptions = RefreshOptions & { readonly attempts: ClientAttempts };

async function refreshExclusively(options: RefreshOptions): Promise<Tokens> {
  const { cache } = options;
  const before = await cache.load();
  if (!issuedBy(before, options.provider.id)) {
    throw loginNeeded("the stored tokens belong to another provider");
  }
  if (options.isAcceptable(before)) return before;
  if (before.refreshToken.token === undefined) {
    throw loginNeeded(whyNone(before));
  }
  if (!before.refreshToken.valid) {
    throw loginNeeded("the refresh token has expired");
  }
  refuseAgain(before, options.now);
  const provider = await options.provider.get();
  const attempts = await beginAttempts(options, provider, before);
  const counted = { ...options, attempts };
  const timeout = options.timeout ?? LOCK_TIMEOUT;
  return await semaphore.run(() => sendAll(counted, provider, before), {
    timeout,
    onTimeout: () => crowded(timeout),
    ...(options.signal && { signal: options.signal }),
  });
}

/** Why there is nothing to refresh with. */
function whyNone({ accessToken }: Tokens): string {
  if (accessToken.token === undefined) return "there are no stored tokens";
  return accessToken.valid
    ? "there is no refresh token"
    : "it has expired, and there is no refresh token";
}

/** Sends the refresh token, and a newer one that another process has stored meanwhile. */
async function sendAll(
  options: CountedOptions,
  provider: Provider,
  before: Tokens,
): Promise<Tokens> {
  let current = before;
  while (true) {
    using room = await mark(options, provider, current);
    try {
      return await request(options, provider, current);
    } catch (cause) {
      const error = confirmDoubt(current, cause, options.now);
      const newer = await newerTokens(options, current, error);
      if (newer?.accessToken.valid) return newer;
      const { attempts } = options;
      if (newer === undefined || current !== before || !attempts.left) {
        room[Symbol.dispose](); // what is stored now may need it
        const client = await clientAfter(
          options,
          provider,
          attempts,
          current,
        );
        await settle(options, current, error, client);
        throw error;
      }
      current = newer;
    }
  }
}

/**
 * Returns tokens that a program without our lock stored while a rejected
 * request was in progress.
 */
async function newerTokens(
  { cache, provider: { id } }: RefreshOptions,
  sent: Tokens,
  error: unknown,
): Promise<Tokens | undefined> {
  if (!(error instanceof TdauthError) || error.code !== "login_needed") {
    return undefined;
  }
  const stored = await cache.load();
  const { token } = stored.refreshToken;
  const newer = token !== undefined && token !== sent.refreshToken.token;
  return newer && issuedBy(stored, id) ? stored : undefined;
}

/** Sends the request and stores its tokens. */
async function request(
  options: CountedOptions,
  provider: Provider,
  before: Tokens,
): Promise<Tokens> {
  const { now } = options;
  const askedAt = now();
  const grant = await send(options, provider, before);
  const { claims } = before;
  if (claims && grant.claims && !isSameUser(claims, grant.claims)) {
    throw loginNeeded("the provider answered with another user's tokens");
  }
  const after = tokensFromGrant(provider, grant, {
    askedAt,
    consumerKey: options.app.consumerKey,
    previous: before,
    now,
    log: options.log,
  });
  await store(options, after);
  if (after.accessToken.valid) return after;
  throw new TdauthError(
    "unexpected_answer",
    `Cannot get an access token: the one that ${provider.name} issued has already expired`,
    { hint: "check this machine's clock" },
  );
}

/** Sends one request; retries transient errors, and once when its response was lost. */
async function send(
  options: CountedOptions,
  provider: Provider,
  before: Tokens,
): Promise<Grant> {
  const { accessToken, refreshToken, refreshPending } = before;
  const { renewal } = provider;
  const renew = renewal !== undefined &&
    (renewal.within === undefined || refreshToken.remaining < renewal.within);
  const onRejected = async () => {
    const client = await clientAfter(
      options,
      provider,
      options.attempts,
      before,
    );
    await mark(options, provider, { ...before, ...(client && { client }) });
  };
  let lost = refreshPending === undefined ? 0 : 1;
  while (true) {
    try {
      return await withRetries(
        () =>
          refreshGrant(
            provider,
            options.app,
            String(refreshToken),
            renew,
            { ...options, client: before.client, onRejected },
          ),
        {
          ...(options.sleep && { sleep: options.sleep }),
          mayRetry: () => options.attempts.left,
          // A caller whose token still works does not wait for retries.
          tries: accessToken.valid ? 1 : 3,
          afterTimeout: provider.rotatesRefreshToken === false,
          ...(options.signal && { signal: options.signal }),
        },
      );
    } catch (error) {
      if (isLost(error)) {
        if (++lost < 2 && options.attempts.left) continue;
        throw loginNeeded(
          "the broker's response to a refresh was lost twice",
          error,
        );
      }
      const refused = error instanceof TdauthError &&
        error.code === "login_needed";
      if (refused && lost > 0) {
        throw loginNeeded(
          "the response to an earlier refresh was lost, and the broker rejects the old refresh token",
          error,
        );
      }
      throw error;
    }
  }
}

/** Stores the tokens; when that fails it only warns, as the new access token still works. */
async function store(options: RefreshOptions, after: Tokens): Promise<void> {
  try {
    await options.cache.save(after, "refresh");
  } catch (error) {
    options.log(
      "warning",
      `${messageOf(error)}; the new access token is used but not stored`,
    );
  }
}

function busy(who: string, timeout: number): TdauthError {
  return new TdauthError(
    "busy",
    `Cannot refresh the access token: ${who} has been at it for ${timeout} seconds`,
    { hint: "check for a hung or suspended tdauth process, and end it" },
  );
}

function crowded(timeout: number): TdauthError {
  return new TdauthError(
    "busy",
    `Cannot refresh the access token: this process has waited for ${timeout} seconds for the refreshes of others to end`,
    { hint: "retry: the broker is slow, and nothing was sent" },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
