/** A web application on request objects, and people with a browser's cookies who visit it. */
import assert from "node:assert/strict";
import { startSandbox } from "../../src/sandbox/mod.ts";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/mod.ts";
import {
  createWebHandler,
  type WebHandler,
  type WebHandlerOptions,
} from "../../mod.ts";

export const KEY = "CANARY-cookie-key-of-at-least-32-characters";
export const ORIGIN = "http://localhost:8000";

/** A practice broker and an application that uses it. */
export interface Site extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly web: WebHandler;
  /** What the application said in its log. */
  readonly messages: readonly string[];
  /** Another process of the same application, with other options if need be. */
  another(options?: Partial<WebHandlerOptions>): Promise<WebHandler>;
}

/** Starts a practice broker and makes an application. */
export async function startSite(
  options: Partial<WebHandlerOptions> = {},
  broker: SandboxOptions = {},
): Promise<Site> {
  const sandbox = await startSandbox({
    broker: "tdameritrade",
    callbackUrl: `${ORIGIN}/callback`,
    ...broker,
  });
  const messages: string[] = [];
  const another = (more: Partial<WebHandlerOptions> = {}) =>
    createWebHandler({
      ...sandbox.app,
      provider: sandbox.broker,
      sandbox: sandbox.url,
      cookieKeys: [KEY],
      now: sandbox.now,
      log: (_, message) => messages.push(message),
      ...options,
      ...more,
    });
  return {
    sandbox,
    web: await another(),
    messages,
    another,
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

/** A browser's cookies, and what it sends. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  readonly #web: WebHandler;
  readonly #origin: string;

  constructor(web: WebHandler, origin: string = ORIGIN) {
    this.#web = web;
    this.#origin = origin;
  }

  /** A request with this browser's cookies. */
  request(path: string, init: RequestInit = {}): Request {
    const headers = new Headers(init.headers);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`)
      .join("; ");
    if (cookie !== "") headers.set("cookie", cookie);
    return new Request(new URL(path, this.#origin), { ...init, headers });
  }

  /** Sends a request and keeps the cookies of the answer. */
  async get(
    path: string,
    init: RequestInit = {},
    web: WebHandler = this.#web,
  ): Promise<Response> {
    const response = await web(this.request(path, init));
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = "", attributes = ""] =
        /^([^=]+)=([^;]*); (.*)$/.exec(line) ?? [];
      assert.match(
        attributes,
        /^Path=\/; Max-Age=\d+; HttpOnly; Secure; SameSite=Lax$/,
      );
      if (/Max-Age=0;/.test(attributes)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** Begins a login and gives the broker's page. */
  async begin(returnTo?: string): Promise<string> {
    const path = returnTo === undefined
      ? "/login"
      : `/login?return_to=${encodeURIComponent(returnTo)}`;
    const response = await this.get(path);
    assert.equal(response.status, 303);
    return response.headers.get("location") ?? "";
  }

  /** Logs in; gives the answer to the redirect. */
  async logIn(sandbox: Sandbox, returnTo?: string): Promise<Response> {
    return await this.get(
      await sandbox.approveAndCopy(await this.begin(returnTo)),
    );
  }

  /** The access token that the application has for this visitor. */
  async token(web: WebHandler = this.#web): Promise<string | undefined> {
    const authorization = await web.authorizationFor(this.request("/"));
    return authorization?.accessToken.token;
  }
}
