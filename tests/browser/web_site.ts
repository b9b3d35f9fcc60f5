/** A web application in this process, for people at Chromium, and the example in a process of its own. */

import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { createWebHandler, type WebHandler } from "@tdauth/tdauth";
import {
  type Sandbox,
  type SandboxUser,
  startSandbox,
} from "@tdauth/tdauth/sandbox";
import { callbackCertificate } from "../../src/certificate/certificate.ts";
import { reservePort, temporaryDirectory } from "../support.ts";
import { heading, typePassword } from "./person.ts";
import { denoProcess } from "../../tools/deno.ts";

/** A request that came to the application. */
export interface WebRequest {
  readonly path: string;
  readonly purpose: string | null;
  readonly status: number;
}

/** The running application. */
export interface WebSite extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly web: WebHandler;
  readonly origin: string;
  readonly requests: readonly WebRequest[];
}

/** Starts an application whose pages show which access token it has for the browser. */
export async function startWebSite(origin: string): Promise<WebSite> {
  await using stack = new AsyncDisposableStack();
  const { port } = stack.use(reservePort());
  origin = origin.replace("PORT", String(port));
  const { protocol, hostname } = new URL(origin);
  const sandbox = stack.use(
    await startSandbox({
      broker: protocol === "https:" ? "schwab" : "tdameritrade",
      callbackUrl: `${origin}/callback`,
    }),
  );
  const web = await createWebHandler({
    ...sandbox.app,
    sandbox: sandbox.url,
    cookieKeys: ["CANARY-cookie-key-of-at-least-32-characters"],
    now: sandbox.now,
    log: () => {},
  });
  const requests: WebRequest[] = [];
  const directory = stack.use(temporaryDirectory()).path;
  stack.use(Deno.serve({
    hostname: hostname === "localhost" ? "127.0.0.1" : hostname,
    port,
    onListen() {},
    ...(protocol === "https:" && await callbackCertificate(directory)),
  }, async (request) => {
    const { pathname } = new URL(request.url);
    const response = Object.values(web.paths).includes(pathname)
      ? await web(request)
      : await home(web, request);
    requests.push({
      path: pathname,
      purpose: request.headers.get("sec-purpose"),
      status: response.status,
    });
    return response;
  }));
  const all = stack.move();
  return {
    sandbox,
    web,
    origin,
    requests,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function home(web: WebHandler, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const td = await web.authorizationFor(request);
  const title = td === undefined
    ? "Nobody"
    : await fingerprint(String(td.accessToken));
  const prefetch = pathname === "/guess"
    ? '<link rel="prefetch" href="/login">'
    : "";
  return new Response(
    `<!DOCTYPE html><title>${pathname}</title><link rel="icon" href="data:,">${prefetch}
    <h1>${title}</h1><a href="/login?return_to=${pathname}">Log in</a>
    <form method="post" action="/logout"><button>Log out</button></form>`,
    {
      headers: { "content-type": "text/html", "cache-control": "no-store" },
    },
  );
}

/** What tells a token from another without showing it. */
async function fingerprint(token: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(token),
  );
  return `user ${new Uint8Array(digest).toHex().slice(0, 12)}`;
}

/** How often a code was exchanged. */
export function exchanges({ sandbox }: Pick<WebSite, "sandbox">): number {
  return sandbox.requests.filter(({ grantType }) =>
    grantType === "authorization_code"
  ).length;
}

/** From the application's page to the broker's question. */
export async function goToConsent(
  page: Page,
  user: SandboxUser,
): Promise<void> {
  await page.getByRole("link", { name: "Log in" }).click();
  await heading(page, "Log in");
  await typePassword(page, { user });
  await heading(page, "Allow access to your accounts?");
}

/** The example, running. */
export interface RunningExample extends AsyncDisposable {
  readonly origin: string;
  /** The practice broker's URL. */
  readonly broker: string;
  /** The user that it told of. */
  readonly user: SandboxUser;
  /** Ends it as Ctrl-C does, and gives the exit code. */
  interrupt(): Promise<number>;
}

/** Starts `deno task example:web` and reads what it tells. */
export async function startExample(port: number): Promise<RunningExample> {
  const child = denoProcess(["task", "--quiet", "example:web", String(port)], {
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
    env: { NO_COLOR: "1", DENO_NO_PROMPT: "1" },
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("Ctrl-C")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the example ended: ${text}`);
    text += value;
  }
  const said = (pattern: RegExp) => pattern.exec(text)?.[1] ?? "";
  let ended: Promise<number> | undefined;
  const interrupt = () =>
    ended ??= (async () => {
      child.kill("SIGINT");
      const { code } = await child.status;
      await reader.cancel();
      return code;
    })();
  return {
    origin: said(/^Open (\S+)$/m),
    broker: said(/practice broker is at (http:\/\/[\d.:]+)/),
    user: {
      name: said(/Log in as (\S+),/),
      password: said(/password (\S+)$/m),
    },
    interrupt,
    [Symbol.asyncDispose]: async () => void await interrupt(),
  };
}
