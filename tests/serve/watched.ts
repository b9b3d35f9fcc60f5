/** Accounts at a practice broker whose clock is the test's, and what a watch of them tells. */
import { MemCache } from "../../mod.ts";
import {
  AccessToken,
  RefreshToken,
  type Tokens,
} from "../../src/token/token.ts";
import { type Context, prepare } from "../../src/client/context.ts";
import type { SandboxOptions } from "../../src/sandbox/mod.ts";
import { startSandbox } from "../../src/sandbox/mod.ts";
import type { Sandbox } from "../../src/sandbox/mod.ts";
import type { WatchedAccount } from "../../src/hooks/notifier.ts";
import type { ServeEvent } from "../../src/serve/serve_event.ts";
import type { WatchOptions } from "../../src/serve/watch_account.ts";
import { type TestClock, testClock } from "./clock.ts";

/** An account. */
export interface TestAccount extends AsyncDisposable {
  readonly clock: TestClock;
  readonly sandbox: Sandbox;
  readonly context: () => Promise<Context>;
  /** Logs the user in, in the same cache. */
  readonly logIn: () => Promise<void>;
  /** How many refreshes the broker was asked for. */
  readonly asked: () => number;
}

/** Makes one, logged in. */
export async function testAccount(
  { clock = testClock(), fetch: fetcher = fetch, ...options }:
    & SandboxOptions
    & {
      readonly clock?: TestClock;
      readonly fetch?: typeof fetch;
    } = {},
): Promise<TestAccount> {
  const sandbox = await startSandbox({
    callbackUrl: "http://127.0.0.1:0",
    ...options,
    now: clock.now,
  });
  const cache = new MemCache();
  const context = prepare({
    ...sandbox.app,
    provider: sandbox.broker,
    sandbox: sandbox.url,
    cache,
    now: clock.now,
    log: () => {},
    fetch: fetcher,
    interactive: false,
  }).then((context) => ({ ...context, sleep: () => Promise.resolve() }));
  const logIn = async () => {
    const { provider, cache } = await context;
    await cache.save(await grant(sandbox, provider.id, clock), "login");
  };
  const refreshes = () =>
    sandbox.requests.filter(({ endpoint }) => endpoint === "token").length;
  await logIn();
  let logins = refreshes();
  return {
    clock,
    sandbox,
    context: () => context,
    async logIn() {
      const before = refreshes();
      await logIn();
      logins += refreshes() - before;
    },
    asked: () => refreshes() - logins,
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

/** The tokens of a login of the practice broker's user; a callback server needs a certificate. */
async function grant(
  sandbox: Sandbox,
  provider: string,
  { now }: TestClock,
): Promise<Tokens> {
  const { consumerKey, consumerSecret, callbackUrl } = sandbox.app;
  const page = new URL(sandbox.authorizationEndpoint);
  page.search = new URLSearchParams({
    response_type: "code",
    client_id: consumerKey,
    redirect_uri: callbackUrl,
  }).toString();
  const redirect = new URL(await sandbox.approveAndCopy(page.href));
  const response = await fetch(sandbox.tokenEndpoint, {
    method: "POST",
    headers: {
      authorization: `Basic ${btoa(`${consumerKey}:${consumerSecret}`)}`,
    },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: redirect.searchParams.get("code") ?? "",
      redirect_uri: callbackUrl,
    }),
  });
  const answer = await response.json();
  return {
    accessToken: new AccessToken({
      token: answer.access_token,
      expiresIn: answer.expires_in,
    }, now),
    refreshToken: new RefreshToken({
      token: answer.refresh_token,
      expiresIn: 604_800,
    }, now),
    provider,
    consumerKey,
  };
}

/** What a watch told, and how it ends. */
export interface Told {
  readonly options: WatchOptions;
  readonly events: ServeEvent[];
  /** The looks of the notifier, and the failures that it was told of. */
  readonly looks: WatchedAccount[];
  readonly failures: number[];
  readonly stop: () => void;
  /** What the events are, in short. */
  readonly story: () => string[];
}

/** Makes the options of a watch. */
export function told(clock: TestClock): Told {
  const end = new AbortController();
  const events: ServeEvent[] = [];
  const looks: WatchedAccount[] = [];
  const failures: number[] = [];
  return {
    events,
    looks,
    failures,
    stop: () => end.abort(),
    story: () => events.map(({ profile, is }) => `${profile} ${is}`),
    options: {
      now: clock.now,
      sleep: clock.sleep,
      random: () => 0.5,
      signal: end.signal,
      onEvent: (event) => events.push(event),
      notifier: {
        look(account) {
          looks.push(account);
          return Promise.resolve([]);
        },
        refreshFailed(_account, times) {
          failures.push(times);
          return Promise.resolve([]);
        },
      },
    },
  };
}
