/**
 * One process of a web application: `web_child.ts SETTINGS`, where SETTINGS is
 * JSON. It prints its port and then answers
 *
 * - `/login`, `/callback`, `/logout`: the handler's routes;
 * - `/token`: a digest of the user's access token, 401 without one, 503 when it
 *   cannot be had just now;
 * - `/advance?seconds=N`: moves its clock;
 * - `/sent`: how many refresh requests it has sent;
 * - `/hold?after=N`: so many more of the broker's answers to them come through,
 *   and all others only after `/release`;
 * - `/held`: digests of the refresh tokens in the answers that are held;
 * - `/unkept`: how many new tokens could not be stored when they came.
 */
import { createWebHandler, type Provider, TdauthError } from "../../../mod.ts";
import { connectRedis } from "../../../src/cache/redis/mod.ts";
import { digestOf } from "./digest.ts";

/** What a process of the application is told. */
export interface WebChildSettings {
  readonly provider: Provider;
  readonly consumerKey: string;
  readonly callbackUrl: string;
  readonly cookieKey: string;
  readonly redis: string;
  /** In seconds. */
  readonly retryTimeout: number;
}

const { redis: url, retryTimeout, cookieKey, ...app }: WebChildSettings = JSON
  .parse(Deno.args[0] ?? "");
let offset = 0;
let sent = 0;
let unkept = 0;
/** How many answers come through; the others wait. */
let through = Infinity;
const release = Promise.withResolvers<void>();
const held: string[] = [];
const now = () => Date.now() + offset;
const store = await connectRedis({ url, retryTimeout, now });
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: () => {},
}, answer);
const { port } = server.addr;
const web = await createWebHandler({
  ...app,
  hosts: [`127.0.0.1:${port}`], // as behind a proxy that does not pass on the name
  cookieKeys: [cookieKey],
  cacheFor: store.cacheFor,
  now,
  log: (_, message) => {
    if (/used but not stored/.test(message)) unkept++;
  },
  fetch: async (input, init) => {
    const refreshes = String(init?.body).includes("grant_type=refresh_token");
    if (refreshes) sent++;
    const answer = await fetch(input, init);
    if (!refreshes || through-- > 0) return answer;
    const text = await answer.text();
    held.push(await digestOf(String(JSON.parse(text).refresh_token)));
    await release.promise;
    return new Response(text, answer);
  },
});

async function token(request: Request): Promise<Response> {
  try {
    const user = await web.authorizationFor(request);
    if (user === undefined) return new Response("none", { status: 401 });
    return new Response(await digestOf(String(user.accessToken)));
  } catch (error) {
    if (!(error instanceof TdauthError)) throw error;
    return new Response(error.code, { status: 503 });
  }
}

async function answer(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/token") return await token(request);
  if (pathname === "/advance") {
    offset += 1000 * Number(searchParams.get("seconds"));
    return new Response();
  }
  if (pathname === "/sent") return Response.json(sent);
  if (pathname === "/unkept") return Response.json(unkept);
  if (pathname === "/held") return Response.json(held);
  if (pathname === "/hold") {
    through = Number(searchParams.get("after"));
    return new Response();
  }
  if (pathname === "/release") {
    through = Infinity;
    release.resolve();
    return new Response();
  }
  return await web(request);
}
Deno.stdout.writeSync(new TextEncoder().encode(`${port}\n`));
Deno.stdin.readable.pipeTo(new WritableStream()).then(async () => {
  release.resolve(); // who is held would keep it from ending
  await server.shutdown();
  await store.close();
});
