/**
 * One login in its own process, for `bench/login.ts`: prints, as JSON, the
 * milliseconds between the call and the browser's opening, and between the
 * redirect's arrival at the callback server and its two responses.
 *
 * `login_child.ts SANDBOX_URL CALLBACK_URL CONFIG_DIR BROKER KEY [SECRET]`
 */
import { authorize } from "../mod.ts";
import { approveAndCopy } from "../src/sandbox/mod.ts";

const [
  sandbox = "",
  callbackUrl = "",
  configDir = "",
  provider = "",
  consumerKey = "",
  consumerSecret,
] = Deno.args;
const opened = Promise.withResolvers<string>();
let openedAt = 0;
const start = performance.now();
const login = authorize({
  provider,
  sandbox,
  callbackUrl,
  configDir,
  consumerKey,
  ...(consumerSecret !== undefined && { consumerSecret }),
  log: () => {},
  openUrl: (url) => {
    openedAt = performance.now();
    opened.resolve(url);
  },
});
const redirect = await approveAndCopy(await opened.promise);
const client = callbackUrl.startsWith("https:")
  ? Deno.createHttpClient({
    caCerts: [
      JSON.parse(Deno.readTextFileSync(`${configDir}/certificate.json`)).ca,
    ],
  })
  : undefined;
const get = (url: string) =>
  fetch(url, { redirect: "manual", ...(client && { client }) });
// The connection and, for https, the handshake are made beforehand, as a browser's preconnect does.
await (await get(new URL("/favicon.ico", redirect).href)).body?.cancel();
const sent = performance.now();
const moved = await get(redirect);
await moved.body?.cancel();
const movedAt = performance.now();
const page = await get(
  new URL(moved.headers.get("location") ?? "", redirect).href,
);
await page.text();
const pageAt = performance.now();
await login;
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify({
  status: page.status,
  opened: openedAt - start,
  redirect: movedAt - sent,
  page: pageAt - movedAt,
})));
Deno.exit(0);
