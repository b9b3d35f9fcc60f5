/**
 * A web application whose users log in to their broker and see their accounts:
 * `deno task example:web` runs it against the practice broker, with nothing to
 * configure. docs/web-applications.md shows what changes for the real one.
 */
import { createWebHandler, TdauthError } from "@tdauth/tdauth";
import { startSandbox } from "@tdauth/tdauth/sandbox";
import {
  type Account,
  dashboard,
  notice,
  type Quote,
  respond,
  welcome,
} from "./web_page.ts";

const port = freePort(Number(Deno.args[0] ?? 8000));
const origin = `http://localhost:${port}`;
const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort());

await using sandbox = await startSandbox({
  broker: "tdameritrade",
  callbackUrl: `${origin}/callback`,
});
const web = await createWebHandler({
  ...sandbox.app, // the app's key and its callback URL
  sandbox: sandbox.url,
  now: () => sandbox.now(), // its home page can advance its clock
  // Keep yours with your secrets: with another key all users must log in again.
  cookieKeys: [crypto.randomUUID() + crypto.randomUUID()],
  // Without cacheFor the tokens are only in this process's memory.
});

/** The broker's API. Schwab's paths are /trader/v1/accounts and /marketdata/v1/quotes?symbols=…. */
const ACCOUNTS = "/v1/accounts";
const QUOTES = "/v1/marketdata/quotes?symbol=";

/** Handles every request: Deno.serve, Hono and Fresh call a function like this one. */
async function app(request: Request): Promise<Response> {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  if (url === undefined) return new Response("Bad Request\n", { status: 400 });
  if (Object.values(web.paths).includes(url.pathname)) {
    return await web(request); // login, callback, logout
  }
  if (url.pathname !== "/") {
    return respond(404, notice("Page not found", "", "/"));
  }
  // The login returns the user to this page.
  const here = url.pathname + url.search;
  const login = `${web.paths.login}?return_to=${encodeURIComponent(here)}`;
  try {
    const td = await web.authorizationFor(request);
    if (td === undefined) {
      // A cookie without an authorization: the session has ended.
      const ended = /tdauth-session=/.test(request.headers.get("cookie") ?? "");
      return respond(ended ? 401 : 200, welcome(login, ended));
    }
    const symbols = symbolsOf(url.searchParams.get("symbols"));
    const [accounts, quotes] = await Promise.all([
      td.fetch(ACCOUNTS), // sends the access token, and refreshes it if necessary
      td.fetch(QUOTES + encodeURIComponent(symbols.join(","))),
    ]);
    const answers = [accounts, quotes];
    if (answers.every(({ ok }) => ok)) {
      return respond(
        200,
        dashboard({
          accounts: await accounts.json() as Account[],
          quotes: Object.values<Quote>(await quotes.json()),
          symbols,
          renewed: td.accessToken.remaining,
          due: td.refreshToken.remaining,
          now: sandbox.now(),
          logout: web.paths.logout,
        }),
      );
    }
    await Promise.all(answers.map(({ body }) => body?.cancel()));
    // Rejected after a refresh: the broker has revoked access.
    if (answers.some(({ status }) => status === 401)) {
      return respond(401, welcome(login, true));
    }
  } catch (error) {
    // The tokens are kept: the user can retry later without a login.
    const transient = error instanceof TypeError || // the API cannot be reached
      error instanceof TdauthError &&
        ["broker_unavailable", "busy", "cache_unreadable"].includes(error.code);
    if (!transient) throw error;
  }
  return respond(
    503,
    notice(
      "The broker does not answer",
      "You are still logged in. Try again in a minute.",
      here,
    ),
    { "retry-after": "30" },
  );
}

function symbolsOf(text: string | null): string[] {
  const symbols = (text ?? "").toUpperCase().match(/[A-Z$][A-Z0-9./]*/g) ?? [];
  return symbols.length > 0 ? symbols.slice(0, 20) : ["AAPL", "MSFT", "VTI"];
}

/** Returns the wanted port, or the next one that is free. */
function freePort(wanted: number): number {
  try {
    Deno.listen({ hostname: "127.0.0.1", port: wanted }).close();
    return wanted;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return freePort(wanted + 1);
  }
}

await Deno.serve({
  hostname: "127.0.0.1",
  port,
  signal: stop.signal, // Ctrl-C frees this port, and the practice broker's
  onListen: () =>
    // deno-lint-ignore no-console -- it prints the address to open
    console.log(
      `Open ${origin}\n` +
        `Log in as ${sandbox.user.name}, password ${sandbox.user.password}\n\n` +
        `The practice broker is at ${sandbox.url}, where you can advance its clock.\n` +
        `Ctrl-C stops both.`,
    ),
}, app).finished;
