/** What the tests of the callback server share. */
import { after } from "../../src/base/after.ts";
import type { CallbackPage } from "../../src/login/callback_page.ts";
import {
  type CallbackServer,
  type CallbackServerOptions,
  startCallbackServer,
} from "../../src/login/callback_server.ts";
import { makeLocalCertificate } from "../../src/certificate/local_ca.ts";
import { reservePort } from "../support.ts";
import { send, type Target } from "./raw_http.ts";

export const STATE = "the-state_of-this-login-0123456789";
export const CODE = "C0.c29tZSBjb2Rl.abc@";
export const ANSWER = `code=${
  encodeURIComponent(CODE)
}&session=9&state=${STATE}`;

export const SUCCESS: CallbackPage = {
  kind: "success",
  broker: "Charles Schwab",
  app: "abcd…wxyz",
};

/** A certificate as servers present it, with its CA's, and its key. */
export const localTls: Promise<{ cert: string; key: string }> =
  makeLocalCertificate(Math.floor(Date.now() / 1000))
    .then(({ cert, ca, key }) => ({ cert: cert + ca, key }));

export type Scheme = "http" | "https";
export const SCHEMES: readonly Scheme[] = ["http", "https"];

/** A started server with where to reach it; disposing closes it. */
export interface Started extends AsyncDisposable {
  readonly server: CallbackServer;
  readonly target: Target;
  readonly port: number;
  readonly callbackUrl: string;
  /** Why redirects were refused, in order. */
  readonly rejected: readonly string[];
}

/** Waits for a browser as long as it takes: none that a test sends stays away. The rest is real. */
export function patient(milliseconds: number, act: () => void): () => void {
  return milliseconds >= 800 ? () => {} : after(milliseconds, act);
}

/** Time that stands still until it is told to pass. */
export class StillTime {
  readonly #waiting = new Map<() => void, number>();
  #passes = false;

  readonly after = (milliseconds: number, act: () => void): () => void => {
    if (this.#passes) queueMicrotask(act);
    else this.#waiting.set(act, milliseconds);
    return () => this.#waiting.delete(act);
  };

  /** For how many milliseconds somebody waits. */
  get waits(): number[] {
    return [...this.#waiting.values()];
  }

  /** Ends all waits, those to come as well. */
  pass(): void {
    this.#passes = true;
    for (const act of this.#waiting.keys()) act();
    this.#waiting.clear();
  }
}

/** Starts a server on a port of its own for a callback URL on 127.0.0.1 with this path. */
export async function start(
  scheme: Scheme,
  path = "",
  options: Partial<CallbackServerOptions> & { readonly host?: string } = {},
): Promise<Started> {
  const { host = "127.0.0.1", ...rest } = options;
  const reserved = reservePort();
  const { port } = reserved;
  const tls = await localTls;
  const callbackUrl = `${scheme}://${host}:${port}${path}`;
  const rejected: string[] = [];
  try {
    const server = await startCallbackServer({
      callbackUrl,
      state: STATE,
      after: patient,
      onRejected: (reason) => rejected.push(reason),
      ...(scheme === "https" ? { tls } : {}),
      ...rest,
    });
    return {
      server,
      port,
      callbackUrl,
      rejected,
      target: { port, ...(scheme === "https" ? { cert: tls.cert } : {}) },
      [Symbol.asyncDispose]: async () => {
        await server.close();
        reserved[Symbol.dispose]();
      },
    };
  } catch (error) {
    reserved[Symbol.dispose]();
    throw error;
  }
}

/** Where a redirect sends its browser on: the clean URL, with what tells that browser from others. */
export function nextOf(
  { headers }: { readonly headers: Headers },
): string {
  const { pathname, search } = new URL(headers.get("location") ?? "");
  return pathname + search;
}

/**
 * Whether a request waits for its answer: another one, sent after it, has been
 * answered meanwhile, so that the server has it by all that can be seen from here.
 */
export async function isWaiting(
  target: Target,
  answer: Promise<unknown>,
): Promise<boolean> {
  await send(target, "/favicon.ico");
  return await isPending(answer);
}

/** Whether a promise waits still after a moment, in which what was sent before mostly arrives. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  const later = new Promise((resolve) => setTimeout(resolve, 20, pending));
  return await Promise.race([promise.catch(() => {}), later]) === pending;
}
