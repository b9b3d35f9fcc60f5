/** Many users of a web application in several processes, at a broker that rotates refresh tokens and kills a login whose old one comes back. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Provider } from "../../../mod.ts";
import { type Sandbox, startSandbox } from "../../../src/sandbox/mod.ts";
import type { WebChildSettings } from "./web_child.ts";
import { denoProcess } from "../../../tools/deno.ts";

const CHILD = fileURLToPath(new URL("web_child.ts", import.meta.url));
/** How many requests are under way at once while users log in. */
const AT_ONCE = 16;

/** The application, its users and its broker. */
export interface Application extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** The origins of its processes. */
  readonly origins: readonly string[];
  /** Lets so many users log in, each at one of the processes; gives their cookies. */
  logIn(users: number): Promise<string[]>;
  /** Moves every clock. */
  advance(seconds: number): Promise<void>;
  /** Asks a process for a user's token: its digest, or the status. */
  token(origin: string, cookie: string): Promise<string>;
  /** How many refresh requests the processes have sent. */
  sent(): Promise<number>;
  /** Lets so many more of the broker's answers to refreshes through to each process, and holds back all others. */
  hold(after: number): Promise<void>;
  /** The digests of the refresh tokens in answers that are held back. */
  held(): Promise<string[]>;
  /** Lets all answers through. */
  release(): Promise<void>;
  /** How many new tokens could not be stored when they came. */
  unkept(): Promise<number>;
  /** How many refresh tokens are alive at the broker, by its own count. */
  alive(): Promise<number>;
}

/** Starts the broker and the application's processes. */
export async function startApplication(
  redis: string,
  options: { readonly processes: number; readonly retryTimeout?: number },
): Promise<Application> {
  await using stack = new AsyncDisposableStack();
  const callbackUrl = "http://localhost:8000/callback";
  const sandbox = stack.use(
    await startSandbox({
      broker: "tdameritrade",
      rotation: "kill",
      callbackUrl,
    }),
  );
  const provider: Provider = {
    id: "rotating",
    name: "Rotating Securities",
    authorizationEndpoint: sandbox.authorizationEndpoint,
    tokenEndpoint: sandbox.tokenEndpoint,
    clientAuthentication: "none",
    pkce: false,
    exchangeParameters: { access_type: "offline" },
    // At every refresh: this broker rotates only when it is asked to.
    renewal: { parameters: { access_type: "offline" } },
  };
  const settings: WebChildSettings = {
    provider,
    consumerKey: sandbox.app.consumerKey,
    callbackUrl,
    cookieKey: "CANARY-cookie-key-of-at-least-32-characters",
    redis,
    retryTimeout: options.retryTimeout ?? 5,
  };
  const origins = await Promise.all(
    Array.from({ length: options.processes }, async () => {
      const child = denoProcess(
        ["run", "-A", CHILD, JSON.stringify(settings)],
        {
          stdin: "piped",
          stdout: "piped",
          stderr: "inherit",
        },
      ).spawn();
      stack.defer(async () => {
        await child.stdin.close();
        await child.stdout.cancel();
        await child.status;
      });
      const reader = child.stdout.getReader();
      const { value } = await reader.read();
      reader.releaseLock();
      const port = Number(new TextDecoder().decode(value));
      assert.ok(port > 0, "a process of the application did not start");
      return `http://127.0.0.1:${port}`;
    }),
  );
  const get = (url: string, cookie = "") =>
    fetch(url, { redirect: "manual", headers: { cookie } });
  const ask = <T>(path: string): Promise<T[]> =>
    Promise.all(
      origins.map(async (origin) => await (await fetch(origin + path)).json()),
    );
  const tell = async (path: string) => {
    for (const origin of origins) await (await fetch(origin + path)).text();
  };
  const all = stack.move();

  async function logInAt(origin: string): Promise<string> {
    const begun = await get(`${origin}/login`);
    await begun.body?.cancel();
    const redirect = new URL(
      await sandbox.approveAndCopy(begun.headers.get("location") ?? ""),
    );
    const done = await get(
      `${origin}${redirect.pathname}${redirect.search}`,
      cookieOf(begun, "tdauth-login-"),
    );
    assert.equal(done.status, 303, await done.text());
    return cookieOf(done, "tdauth-session");
  }

  return {
    sandbox,
    origins,
    async logIn(users) {
      const cookies: string[] = [];
      await pooled(users, AT_ONCE, async (user) => {
        cookies[user] = await logInAt(origins[user % origins.length] ?? "");
      });
      return cookies;
    },
    async advance(seconds) {
      sandbox.advance(seconds);
      await tell(`/advance?seconds=${seconds}`);
    },
    async token(origin, cookie) {
      const response = await get(`${origin}/token`, cookie);
      const text = await response.text();
      return response.ok ? text : `${response.status} ${text}`;
    },
    sent: async () => sum(await ask<number>("/sent")),
    hold: (after) => tell(`/hold?after=${after}`),
    held: async () => (await ask<string[]>("/held")).flat(),
    release: () => tell("/release"),
    unkept: async () => sum(await ask<number>("/unkept")),
    async alive() {
      const page = await (await fetch(sandbox.url)).text();
      const [, count] = /(\d+) refresh tokens?\b/.exec(page) ?? [];
      return Number(count ?? assert.fail("the broker's page has changed"));
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}

function cookieOf(response: Response, name: string): string {
  const line = response.headers.getSetCookie().find((text) =>
    text.startsWith(name) && !/Max-Age=0/.test(text)
  );
  assert.ok(line !== undefined, `no cookie ${name}`);
  return line.slice(0, line.indexOf(";"));
}

/** Runs a function for each number, so many at once. */
export async function pooled(
  count: number,
  atOnce: number,
  run: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
