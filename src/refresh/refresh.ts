import type { TokenCache } from "../cache/token_cache.ts";
import { TdauthError } from "../errors.ts";
import type { App } from "../protocol/client.ts";
import {
  type Grant,
  type ProtocolOptions,
  refreshGrant,
} from "../protocol/protocol.ts";
import { tokensFromGrant } from "../protocol/tokens_from_grant.ts";
import type { Provider } from "../provider.ts";
import { issuedBy, type Tokens } from "../token.ts";
import { passing, withRetries } from "./retry.ts";

/** What a refresh works with. */
export interface RefreshOptions extends ProtocolOptions {
  /** Where the tokens are. */
  readonly cache: TokenCache;
  /** The provider; asked for only when a request must be sent. */
  readonly provider: () => Promise<Provider>;
  /** Its id: tokens of another are left alone. */
  readonly providerId: string;
  /** The app. */
  readonly app: App;
  /**
   * Whether tokens that someone else stored meanwhile will do. They are looked
   * at first, so that of all who wait for the same refresh one alone sends it.
   */
  readonly enough: (tokens: Tokens) => boolean;
  /** Hears what is wrong and yet does not keep the caller from a token. */
  readonly warn?: (message: string) => void;
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
}

/** How long, in milliseconds, to wait for others who refresh the same tokens. */
const TURN_DEADLINE = 60_000;

/**
 * Gets a new access token with the refresh token in the cache, once for all who
 * wait for it in any process, and stores it before anything else happens.
 *
 * Before the request is sent, a mark is stored that it is under way. Whoever
 * finds the mark of a process that ended without an answer knows that the token
 * may have been used, tries it once, and can say why it failed.
 *
 * @param options The cache, the provider, the app and the edges.
 * @returns The tokens now in the cache.
 * @throws {TdauthError} `login_needed` when there is no refresh token or the
 * broker does not take it any more; `busy` when another process does not end;
 * else as the request's.
 */
export async function refresh(options: RefreshOptions): Promise<Tokens> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(busy()), TURN_DEADLINE);
  const { signal } = options;
  try {
    return await options.cache.exclusive("refresh", () => {
      clearTimeout(timer);
      return inTurn(options);
    }, {
      signal: signal
        ? AbortSignal.any([signal, deadline.signal])
        : deadline.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

async function inTurn(options: RefreshOptions): Promise<Tokens> {
  const { cache } = options;
  const before = await cache.load();
  if (!issuedBy(before, options.providerId)) {
    throw loginNeeded("the stored tokens are of another provider");
  }
  if (options.enough(before)) return before;
  if (before.refreshToken.token === undefined) {
    throw loginNeeded("there are no stored tokens");
  }
  if (!before.refreshToken.valid) {
    throw loginNeeded("the refresh token has expired");
  }
  const provider = await options.provider();
  await mark(options, provider, before);
  try {
    return await withToken(options, provider, before);
  } catch (error) {
    if (isSettled(error)) await unmark(options, before);
    throw error;
  }
}

/** Stores that a request is about to be sent with the refresh token. */
async function mark(
  options: RefreshOptions,
  provider: Provider,
  before: Tokens,
): Promise<void> {
  const refreshPending = Math.floor((options.now ?? Date.now)() / 1000);
  try {
    await options.cache.save({ ...before, refreshPending });
  } catch (error) {
    // A broker that replaces the refresh token would leave us with none that is stored.
    if (provider.rotatesRefreshToken !== false) throw error;
  }
}

async function unmark(options: RefreshOptions, before: Tokens): Promise<void> {
  const { refreshPending: _, ...tokens } = before;
  try {
    const stored = await options.cache.load();
    // Someone who does not take our turns may have stored other tokens meanwhile.
    if (stored.refreshToken.token !== before.refreshToken.token) return;
    await options.cache.save(tokens);
  } catch {
    // The mark stays; it makes the next error say more, no less.
  }
}

/** Sends the request, looks for tokens of others when it is refused, and stores what it gives. */
async function withToken(
  options: RefreshOptions,
  provider: Provider,
  before: Tokens,
): Promise<Tokens> {
  const now = options.now ?? Date.now;
  const askedAt = now();
  let grant: Grant;
  try {
    grant = await send(options, provider, before);
  } catch (error) {
    if (!(error instanceof TdauthError) || error.code !== "login_needed") {
      throw error;
    }
    // Someone who does not take our turns may have stored newer tokens while the request was under way.
    const stored = await options.cache.load();
    const newer = stored.refreshToken.token !== before.refreshToken.token;
    if (!newer || !issuedBy(stored, options.providerId)) throw error;
    if (stored.accessToken.valid) return stored;
    if (stored.refreshToken.token === undefined) throw error;
    const { refreshPending: _, ...theirs } = stored;
    grant = await send(options, provider, theirs);
    before = theirs;
  }
  const after = tokensFromGrant(provider, grant, {
    askedAt,
    consumerKey: options.app.consumerKey,
    previous: before,
    now,
  });
  await store(options, after);
  if (after.accessToken.valid) return after;
  throw new TdauthError(
    "unexpected_answer",
    `Cannot get an access token: the one that ${provider.name} gave has expired already`,
    { hint: "compare this machine's clock with the broker's" },
  );
}

/** One request; again in passing trouble, and once more when its answer was lost. */
async function send(
  options: RefreshOptions,
  provider: Provider,
  before: Tokens,
): Promise<Grant> {
  const { accessToken, refreshToken, refreshPending } = before;
  const renew = provider.renewal !== undefined &&
    refreshToken.remaining < provider.renewal.within;
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
            options,
          ),
        {
          // Who has a token that still works does not wait for a better moment.
          tries: accessToken.valid ? 1 : 3,
          ...(options.signal && { signal: options.signal }),
        },
      );
    } catch (error) {
      if (isLost(error)) {
        if (++lost < 2) continue;
        throw lostAnswer(
          error,
          "the broker's answer to a refresh was lost twice",
        );
      }
      const refused = error instanceof TdauthError &&
        error.code === "login_needed";
      if (refused && lost > 0) {
        throw lostAnswer(
          error,
          "the answer to an earlier refresh was lost, and the broker does not take the old refresh token again",
        );
      }
      throw error;
    }
  }
}

/** A rotated token that is not stored is lost with this process, so a full disk is told, and the caller goes on. */
async function store(options: RefreshOptions, after: Tokens): Promise<void> {
  try {
    await options.cache.save(after);
  } catch (error) {
    options.warn?.(
      `${messageOf(error)}; the new access token is used and not kept`,
    );
  }
}

function isLost(error: unknown): boolean {
  return passing(error)?.lost === true;
}

/** Whether the broker surely did not use the refresh token: it said so, or was never reached. */
function isSettled(error: unknown): boolean {
  if (!(error instanceof TdauthError) || isLost(error.cause)) return false;
  const cause = passing(error);
  return cause === undefined
    ? error.code !== "unexpected_answer"
    : cause.status !== undefined || cause.unsent;
}

function lostAnswer(cause: unknown, why: string): TdauthError {
  return new TdauthError(
    "login_needed",
    `Cannot get an access token: ${why}`,
    { hint: "log in: tdauth login", cause },
  );
}

/** The error of a script that has no way on but a login. */
export function loginNeeded(why: string): TdauthError {
  return new TdauthError(
    "login_needed",
    `Cannot get an access token: ${why}`,
    { hint: "log in: tdauth login" },
  );
}

function busy(): TdauthError {
  return new TdauthError(
    "busy",
    `Cannot refresh the access token: another process has been at it for ${
      TURN_DEADLINE / 1000
    } seconds`,
    { hint: "see whether a tdauth process hangs or is stopped, and end it" },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
