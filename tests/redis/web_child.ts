/**
 * One process of a web application: `web_child.ts SETTINGS`, where SETTINGS is
 * JSON. It prints its port and then answers
 *
 * - `/login`, `/callback`, `/logout`: the handler's routes;
 * - `/token`: a digest of the user's access token, 401 without one, 503 when it
 *   cannot be had just now;
 * - `/advance?seconds=N`: moves its clock;
 * - `/sent`: how many refresh requests it has sent.
 */
import { createWebHandler, type Provider, TdauthError } from "../../mod.ts";
import { connectRedis } from "../../src/redis/mod.ts";

/** What a process of the application is told. */
export interface WebChildSettings {
  readonly provider: Provider;
  readonly consumerKey: string;
  readonly callbackUrl: string;
  readonly cookieKey: string;
  readonly redis: string;
  /** In seconds. */
  readonly patience: number;
}

const { redis: url, patience, cookieKey, ...app }: WebChildSettings = JSON
  .parse(Deno.args[0] ?? "");
let offset = 0;
let sent = 0;
const now = () => Date.now() + offset;
const store = await connectRedis({ url, patience, now });
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
  log: () => {},
  fetch: (input, init) => {
    if (String(init?.body).includes("grant_type=refresh_token")) sent++;
    return fetch(input, init);
  },
});

async function token(request: Request): Promise<Response> {
  try {
    const user = await web.authorizationFor(request);
    if (user === undefined) return new Response("none", { status: 401 });
    const digest = await crypto.subtle.digest(
      "SHA-256",
      new TextEncoder().encode(String(user.accessToken)),
    );
    return new Response(new Uint8Array(digest).slice(0, 12).toHex());
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
  if (pathname === "/sent") return new Response(String(sent));
  return await web(request);
}
Deno.stdout.writeSync(new TextEncoder().encode(`${port}\n`));
Deno.stdin.readable.pipeTo(new WritableStream()).then(async () => {
  await server.shutdown();
  await store.close();
});
