/**
 * A process of a web application for `web.ts` to measure: `/bare` responds
 * immediately, `/memory` and `/redis` with the same bytes after getting the
 * user's authorization, whose tokens are stored.
 */
import {
  AccessToken,
  createWebHandler,
  type Provider,
  RefreshToken,
  type TokenCache,
  type WebHandler,
} from "../mod.ts";
import { connectRedis } from "../src/cache/redis/mod.ts";
import { cookieSealer } from "../src/web/cookie_keys.ts";
import { memCaches } from "../src/web/mem_caches.ts";
import { Sessions } from "../src/web/sessions.ts";
import { answerQuestions } from "./worker.ts";
import { StoredTokens } from "../src/cache/stored_tokens.ts";

/** The commands of the process. */
export type WebQuestion =
  | {
    readonly do: "start";
    readonly provider: Provider;
    readonly consumerKey: string;
    /** @default {there is none} */
    readonly redis?: string;
  }
  | {
    readonly do: "fill";
    readonly where: "memory" | "redis";
    /** One a user. */
    readonly refreshTokens: readonly string[];
    /** Whether their access tokens have expired. */
    readonly expired: boolean;
  }
  /** The refresh tokens of those who were last filled in, in that order. */
  | { readonly do: "tokens"; readonly where: "memory" | "redis" }
  /** How many refresh requests it has sent since it was last asked. */
  | { readonly do: "sent" }
  | { readonly do: "memory" };

const KEY = "bench-cookie-key-of-at-least-32-characters";
const TOKEN_BYTES = 72; // as long as Schwab's

interface App {
  readonly caches: Readonly<Record<string, (user: string) => TokenCache>>;
  readonly sessions: Sessions;
  readonly port: number;
}
let app: App | undefined;
let stop = async () => {};
/** The sessions that were last filled in. */
let filled: readonly string[] = [];
let sent = 0;

await answerQuestions<WebQuestion>(async (question) => {
  if (question.do === "start") return await start(question);
  if (question.do === "fill" && app) return await fill(app, question);
  if (question.do === "tokens" && app) {
    const { caches } = app;
    return await Promise.all(filled.map(async (session) => {
      const cache = caches[question.where]?.(session);
      const tokens = cache && await new StoredTokens(cache).load();
      return tokens?.refreshToken.token ?? "";
    }));
  }
  if (question.do === "sent") {
    const count = sent;
    sent = 0;
    return count;
  }
  (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed } = Deno.memoryUsage();
  return { rss, heapUsed };
});
await stop();

async function start(
  { provider, consumerKey, redis }: WebQuestion & { do: "start" },
): Promise<{ port: number }> {
  const store = redis === undefined
    ? undefined
    : await connectRedis({ url: redis });
  const caches = {
    memory: memCaches(86_400, Date.now),
    ...(store && { redis: store.cacheFor }),
  };
  const webs = new Map<string, WebHandler>(
    await Promise.all(
      Object.entries(caches).map(async ([name, cacheFor]) =>
        [
          `/${name}`,
          await createWebHandler({
            provider,
            consumerKey,
            callbackUrl: "http://localhost:8000/callback",
            cookieKeys: [KEY],
            cacheFor,
            log: () => {},
            fetch: (input, init) => {
              sent++; // it sends nothing else
              return fetch(input, init);
            },
          }),
        ] as const
      ),
    ),
  );
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const web = webs.get(pathname);
      if (web === undefined) return new Response("hello\n");
      const user = await web.authorizationFor(request);
      return user?.accessToken.valid
        ? new Response("hello\n")
        : new Response("log in\n", { status: 401 });
    },
  );
  stop = async () => {
    await server.shutdown();
    await store?.close();
  };
  app = {
    caches,
    sessions: new Sessions(cookieSealer([KEY]), {
      https: false,
      app: JSON.stringify([provider.id, consumerKey]),
      loginTimeout: 600,
      now: Date.now,
    }),
    port: server.addr.port,
  };
  return { port: app.port };
}

/** Starts sessions as a login does, without the login; returns their cookies. */
async function fill(
  { caches, sessions }: App,
  { where, refreshTokens, expired }: WebQuestion & { do: "fill" },
): Promise<string[]> {
  const cookies: string[] = [];
  const begun: string[] = [];
  const now = Math.floor(Date.now() / 1000);
  for (const token of refreshTokens) {
    const session = crypto.randomUUID() + crypto.randomUUID();
    const cache = caches[where]?.(session);
    if (cache === undefined) continue;
    await new StoredTokens(cache).save({
      accessToken: new AccessToken({
        token: crypto.randomUUID().repeat(2).slice(0, TOKEN_BYTES),
        accessTime: expired ? now - 1800 : now,
        expiresIn: 1800,
      }),
      refreshToken: new RefreshToken({ token, expiresIn: 7_776_000 }),
      loginTime: now,
      scope: "PlaceTrades AccountAccess MoveMoney",
      provider: "bench",
      consumerKey: "BENCH@AMER.OAUTHAP",
    }, "refresh");
    const cookie = await sessions.hold({ session, end: now + 86_400 });
    cookies.push(cookie.slice(0, cookie.indexOf(";")));
    begun.push(session);
  }
  filled = begun;
  return cookies;
}
