import { approve, approveAndCopy } from "./approve.ts";
import { presets } from "./broker_preset.ts";
import { BrowserSessions } from "./browser_sessions.ts";
import type { Context } from "./context.ts";
import { FaultQueue } from "./fault_queue.ts";
import { serveHttp } from "./http_server.ts";
import { Ledger } from "./ledger.ts";
import { RequestLog } from "./request_log.ts";
import { requestHandler } from "./request_handler.ts";
import { resolveOptions } from "./resolve_options.ts";
import type { Sandbox } from "./sandbox.ts";
import type { SandboxOptions } from "./sandbox_options.ts";
import { sandboxUser } from "./sandbox_user.ts";

/**
 * Starts a practice broker on 127.0.0.1: an authorization server, with pages for
 * users and a small API, that behaves like Charles Schwab's or TD Ameritrade's
 * as far as their documentation and their clients' users report.
 *
 * It is for demos and for tests of programs that log in to a broker. It is not a
 * safe server for real secrets: it shows its own.
 *
 * @param options The broker, the registered app, lifetimes, and the edges.
 * @returns The running broker; close it, or declare it with `await using`.
 * @throws {RangeError} When the port, a lifetime or a name among the options is out of range.
 * @throws {TypeError} When the callback URL is not an absolute http or https URL.
 * @throws {Deno.errors.AddrInUse} When another program listens on the port.
 *
 * @example A whole login by hand, and a refresh after half an hour
 * ```ts
 * import { startSandbox } from "@tdauth/tdauth/sandbox";
 * import assert from "node:assert/strict";
 *
 * await using broker = await startSandbox({ broker: "tdameritrade" });
 *
 * const login = new URL(broker.authorizationEndpoint);
 * login.search = new URLSearchParams({
 *   response_type: "code",
 *   client_id: broker.app.consumerKey,
 *   redirect_uri: broker.app.callbackUrl,
 * }).toString();
 * const redirect = new URL(await broker.approveAndCopy(login.href));
 *
 * const ask = (body: Record<string, string>) =>
 *   fetch(broker.tokenEndpoint, {
 *     method: "POST",
 *     body: new URLSearchParams({ client_id: broker.app.consumerKey, ...body }),
 *   });
 * const answer = await ask({
 *   grant_type: "authorization_code",
 *   access_type: "offline",
 *   code: redirect.searchParams.get("code") ?? "",
 *   redirect_uri: broker.app.callbackUrl,
 * });
 * const { refresh_token } = await answer.json();
 *
 * broker.advance(1800); // the access token expires
 * const fresh = await ask({ grant_type: "refresh_token", refresh_token });
 * assert.equal((await fresh.json()).expires_in, 1800);
 * ```
 */
export async function startSandbox(
  options: SandboxOptions = {},
): Promise<Sandbox> {
  options.signal?.throwIfAborted();
  const { rules, app, clientId, port } = resolveOptions(options);
  const preset = presets[rules.broker];
  const base = options.now ?? Date.now;
  let offset = 0;
  const now = () => base() + offset;
  const sessions = new BrowserSessions();
  const ledger = new Ledger(preset, now);
  const faults = new FaultQueue();
  const log = new RequestLog();
  const stop = new AbortController();
  const context: Context = {
    preset,
    rules,
    app,
    clientId,
    user: sandboxUser,
    ledger,
    sessions,
    now,
  };
  const server = await serveHttp(
    port,
    (request) => handle(request),
  );
  sessions.port = server.port;
  const url = `http://127.0.0.1:${server.port}`;
  const player = { user: sandboxUser.name, password: sandboxUser.password };

  const sandbox: Sandbox = {
    url,
    broker: rules.broker,
    authorizationEndpoint: url + preset.authorizePath,
    tokenEndpoint: url + preset.tokenPath,
    app,
    user: sandboxUser,
    get requests() {
      return log.entries;
    },
    now,
    advance(seconds) {
      if (
        !Number.isFinite(seconds) ||
        Number.isNaN(new Date(now() + seconds * 1000).getTime())
      ) {
        throw new RangeError(
          "Cannot move the sandbox's clock: seconds is not a number of seconds",
        );
      }
      offset += seconds * 1000;
    },
    approve: (url, options = {}) => approve(url, { ...options, ...player }),
    approveAndCopy: (url, options = {}) =>
      approveAndCopy(url, { ...options, ...player }),
    failNext: (fault = {}) => faults.add(fault),
    revokeAll() {
      ledger.killAll("every token was revoked");
      sessions.endAll();
    },
    close() {
      stop.abort();
      options.signal?.removeEventListener("abort", sandbox.close);
      return server.close();
    },
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
  const handle = requestHandler(context, sandbox, faults, log, stop.signal);
  options.signal?.addEventListener("abort", sandbox.close, { once: true });
  if (options.signal?.aborted) {
    await sandbox.close();
    options.signal.throwIfAborted();
  }
  return sandbox;
}
