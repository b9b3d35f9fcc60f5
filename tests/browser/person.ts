/** A person at Chromium, and the login that the person was sent to. */

import { type Sandbox, startSandbox } from "@tdauth/tdauth/sandbox";
import assert from "node:assert/strict";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { type RunningCommand, startTdauth } from "../interop/command.ts";
import { reservePort, temporaryDirectory } from "../support.ts";

/** Debian's. */
export const CHROMIUM = "/usr/bin/chromium";

/** How long a page may take, in milliseconds. */
const PATIENCE = 60_000;

/** Starts Chromium as a new user of this machine would have it, with more arguments. */
export function startChromium(
  home: string,
  more: readonly string[] = [],
): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: home },
    args: [
      "--no-sandbox", // which root, as in a container, cannot have
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}

/** Which broker, and what the callback URL looks like, with `PORT` in it. */
export interface LoginOptions {
  readonly broker: "schwab" | "tdameritrade";
  readonly callbackUrl: string;
  /** The secret that the command has. @default the right one */
  readonly secret?: string;
  /** What the broker has registered. @default the callback URL */
  readonly registered?: (callbackUrl: string) => string;
}

/** `tdauth login` waits, and this is the broker it waits for. */
export interface Login extends AsyncDisposable {
  readonly broker: Sandbox;
  readonly command: RunningCommand;
  /** Where the person is to go. */
  readonly url: string;
  /** The callback URL as it was given. */
  readonly callbackUrl: string;
  /** The refresh token on disk. */
  storedToken(): string | undefined;
}

/** Starts a practice broker and `tdauth login --no-browser`. */
export async function startLogin(options: LoginOptions): Promise<Login> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(temporaryDirectory()).path;
  const { port } = stack.use(reservePort());
  const callbackUrl = options.callbackUrl.replace("PORT", String(port));
  const broker = stack.use(
    await startSandbox({
      broker: options.broker,
      callbackUrl: options.registered?.(callbackUrl) ?? callbackUrl,
    }),
  );
  const secret = options.secret ?? broker.app.consumerSecret;
  const flags = {
    "--provider": options.broker,
    "--sandbox": broker.url,
    "--consumer-key": broker.app.consumerKey,
    "--callback-url": callbackUrl,
    "--timeout": "5m",
  };
  const command = stack.use(
    startTdauth(
      ["login", "--no-browser", ...Object.entries(flags).flat()],
      { home, env: secret === undefined ? {} : { TD_CONSUMER_SECRET: secret } },
    ),
  );
  const [, url = ""] = await command.stderrHas(/^ {2}(http\S+)$/m);
  await command.stderrHas(/^Waiting /m);
  const all = stack.move();
  return {
    broker,
    command,
    url,
    callbackUrl,
    storedToken() {
      const name = [...Deno.readDirSync(`${home}/tdauth`)].map(({ name }) =>
        name
      ).find((name) => name === broker.app.consumerKey);
      if (name === undefined) return undefined;
      const text = Deno.readTextFileSync(`${home}/tdauth/${name}`);
      return text === ""
        ? undefined
        : JSON.parse(text).refresh_token?.token ?? undefined;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** A person's window. */
export interface Person extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the browser complained about on the console. */
  readonly complaints: readonly string[];
  /** The origins that the pages have sent requests to. */
  readonly origins: ReadonlySet<string>;
}

/** Opens a window of its own, with no cookies and no certificate trusted. */
export async function newPerson(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Person> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE);
  const complaints: string[] = [];
  const origins = new Set<string>();
  context.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on(
    "request",
    (request) => origins.add(new URL(request.url()).origin),
  );
  return {
    page: await context.newPage(),
    context,
    complaints,
    origins,
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** Types the practice user's name and a password, and sends them. */
export async function typePassword(
  page: Page,
  { user }: Pick<Sandbox, "user">,
  password = user.password,
): Promise<void> {
  await page.getByLabel("User name").fill(user.name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** Logs in, and answers the broker's question; does not wait for what comes then. */
export async function answer(
  page: Page,
  login: Login,
  decision: "Allow" | "Deny",
): Promise<void> {
  await page.goto(login.url);
  await typePassword(page, login.broker);
  await page.getByRole("button", { name: decision })
    .click({ noWaitAfter: true });
}

/** Goes past Chromium's warning of a certificate that it does not know. */
export async function proceed(page: Page): Promise<void> {
  await page.locator("#details-button").click();
  await page.locator("#proceed-link").click({ noWaitAfter: true });
}

/** Waits for a page by its heading. */
export async function heading(page: Page, name: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
}

/** Whether a page can be read without scrolling sideways. */
export async function assertFits(page: Page): Promise<void> {
  const [content = 0, window = 0] = await page.evaluate(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  ) as number[];
  assert.ok(content <= window, `${page.url()} is ${content} px wide`);
}

/** The addresses that the window's back and forward buttons lead to. */
export async function history(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send("Page.getNavigationHistory");
  await session.detach();
  return entries.map(({ url }) => url);
}
