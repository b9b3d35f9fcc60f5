import { TdauthError } from "../errors.ts";
import {
  type App,
  authorizationRequest,
  exchangeCode,
  type ProtocolOptions,
} from "../protocol/protocol.ts";
import { tokensFromGrant } from "../protocol/tokens_from_grant.ts";
import type { Provider } from "../provider.ts";
import type { Tokens } from "../token.ts";
import { checkCallbackUrl } from "./callback_url.ts";
import type { CallbackPage } from "./callback_page.ts";
import { type CallbackServer, startCallbackServer } from "./callback_server.ts";
import type { LoginEvent } from "./login_event.ts";
import { maskKey } from "./mask_key.ts";
import { describeRejection, parsePastedUrl } from "./pasted_url.ts";

/** A PEM certificate and its private key, for an https callback URL. */
export interface Certificate {
  /** The certificate, PEM. */
  readonly cert: string;
  /** Its private key, PEM. */
  readonly key: string;
}

/** What a login works with. */
export interface LoginOptions extends ProtocolOptions {
  /** The provider. */
  readonly provider: Provider;
  /** The app. */
  readonly app: App;
  /** Its callback URL, letter for letter. */
  readonly callbackUrl: string;
  /** The profile's name, for the page at the end. */
  readonly profile?: string;
  /** Gives the certificate for an https callback URL; asked only when there is one. */
  readonly certificate: () => Promise<Certificate>;
  /** Shows the broker's page to the user. */
  readonly openUrl: (url: string) => void | Promise<void>;
  /** Redirect URLs that the user pastes, one a line. */
  readonly pastedUrls?: AsyncIterable<string>;
  /** How long the user has, in seconds. @default {300} */
  readonly timeout?: number;
  /** Makes the tokens durable; the user is told of success only after that. */
  readonly store: (tokens: Tokens) => Promise<void>;
  /** Hears of progress. */
  readonly onEvent?: (event: LoginEvent) => void;
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
}

/**
 * Lets the user log in at the broker's page in a browser and gets the first
 * tokens (RFC 6749 §4.1, RFC 8252). The redirect comes to the callback server
 * or is pasted, whichever comes first.
 *
 * @param options The provider, the app and the edges.
 * @returns The tokens, which `store` has stored.
 * @throws {TdauthError} `login_denied`, `login_timeout`, `login_cancelled`, `login_failed`,
 * `invalid_options`, `invalid_client`, `port_in_use`, `port_forbidden`, `certificate_failed`,
 * `broker_unavailable` or `unexpected_answer`.
 */
export async function login(options: LoginOptions): Promise<Tokens> {
  const { provider, app, callbackUrl } = options;
  if (provider.closed !== undefined) {
    throw new TdauthError(
      "invalid_options",
      `Cannot log in to ${provider.name}: ${provider.closed.why}`,
      {
        hint: provider.closed.hint,
      },
    );
  }
  const callback = checkCallbackUrl(callbackUrl, provider);
  const emit = options.onEvent ?? (() => {});
  const timeout = options.timeout ?? 300;
  const end = new AbortController();
  const timer = setTimeout(
    () => end.abort(timedOut(provider, timeout)),
    timeout * 1000,
  );
  const cancel = () => end.abort(cancelled(provider, options.signal?.reason));
  options.signal?.addEventListener("abort", cancel, { once: true });
  if (options.signal?.aborted) cancel();

  let server: CallbackServer | undefined;
  try {
    end.signal.throwIfAborted();
    const request = await authorizationRequest(provider, app, callbackUrl);
    const onRejected = (reason: string) =>
      emit({ type: "rejected", from: "redirect", reason });
    let pasteOnly = callback.hosts.length === 0
      ? `the callback URL ${callbackUrl} is not on this machine`
      : undefined;
    if (pasteOnly === undefined) {
      try {
        const tls = callback.https ? await options.certificate() : undefined;
        server = await startCallbackServer({
          callbackUrl,
          state: request.state,
          signal: end.signal,
          onRejected,
          ...(tls && { tls }),
        });
        server.redirect.catch(() => {}); // the race below may be over before
      } catch (error) {
        const forbidden = error instanceof TdauthError &&
          error.code === "port_forbidden";
        if (!forbidden || options.pastedUrls === undefined) throw error;
        pasteOnly = error.message;
      }
    }
    if (pasteOnly !== undefined && options.pastedUrls === undefined) {
      throw new TdauthError(
        "invalid_options",
        `Cannot log in to ${provider.name}: ${pasteOnly}`,
        {
          hint:
            "run tdauth login in a terminal and paste the URL there, or register a callback URL such as https://127.0.0.1:8182",
        },
      );
    }
    emit({
      type: "ready",
      url: request.url,
      callbackUrl,
      deadline: Date.now() + timeout * 1000,
      ...(pasteOnly !== undefined && { pasteOnly }),
    });
    open(options, request.url, emit);
    const redirect = await first(
      options,
      request.state,
      server,
      end.signal,
      emit,
    );
    emit({ type: "exchanging" });
    return await complete(options, request, redirect, server, end.signal);
  } catch (error) {
    if (end.signal.aborted && error !== end.signal.reason) {
      throw end.signal.reason;
    }
    throw error;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", cancel);
    await server?.close();
  }
}

/** Exchanges the code, stores the tokens, and tells the user's browser how it went. */
async function complete(
  options: LoginOptions,
  request: Awaited<ReturnType<typeof authorizationRequest>>,
  redirect: URLSearchParams,
  server: CallbackServer | undefined,
  signal: AbortSignal,
): Promise<Tokens> {
  const { provider, app, callbackUrl } = options;
  const now = options.now ?? Date.now;
  const askedAt = now();
  const about = { broker: provider.name, app: maskKey(app.consumerKey) };
  let page: CallbackPage = {
    kind: "failed",
    ...about,
    message: "The login was interrupted",
  };
  try {
    const grant = await exchangeCode(
      provider,
      app,
      callbackUrl,
      request,
      redirect,
      {
        ...(options.fetch && { fetch: options.fetch }),
        signal,
      },
    );
    const tokens = tokensFromGrant(provider, grant, {
      askedAt,
      consumerKey: app.consumerKey,
      now,
    });
    await options.store(tokens);
    const { expiry } = tokens.refreshToken;
    page = {
      kind: "success",
      ...about,
      ...(options.profile !== undefined && options.profile !== "default" &&
        { profile: options.profile }),
      ...(Number.isFinite(expiry) && { nextLogin: new Date(expiry * 1000) }),
      now: new Date(now()),
    };
    options.onEvent?.({ type: "done" });
    return tokens;
  } catch (error) {
    if (error instanceof TdauthError) {
      page = error.code === "login_denied" ? { kind: "denied", ...about } : {
        kind: "failed",
        ...about,
        message: error.message,
        ...(error.hint !== undefined && { hint: error.hint }),
      };
    }
    throw error;
  } finally {
    await server?.finish(page);
  }
}

/** The first valid redirect, wherever it comes from. */
async function first(
  options: LoginOptions,
  state: string,
  server: CallbackServer | undefined,
  signal: AbortSignal,
  emit: (event: LoginEvent) => void,
): Promise<URLSearchParams> {
  const lines = options.pastedUrls?.[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  const sources: Promise<URLSearchParams>[] = [aborted.promise];
  if (server !== undefined) sources.push(server.redirect);
  if (lines !== undefined) {
    sources.push(pasted(lines, options, state, server === undefined, emit));
  }
  try {
    return await Promise.race(sources);
  } finally {
    signal.removeEventListener("abort", abort);
    // Not awaited: a reader that waits for a line returns only when one comes.
    lines?.return?.().catch(() => {});
  }
}

/** The first valid URL that is pasted. */
async function pasted(
  lines: AsyncIterator<string>,
  options: LoginOptions,
  state: string,
  alone: boolean,
  emit: (event: LoginEvent) => void,
): Promise<URLSearchParams> {
  while (true) {
    const line = await lines.next();
    if (line.done) break;
    if (line.value.trim() === "") continue;
    const check = parsePastedUrl(line.value, options.callbackUrl, state);
    if (check.ok) return check.parameters;
    emit({
      type: "rejected",
      from: "paste",
      reason: describeRejection(check.reason),
    });
  }
  // The input has ended. With a callback server the login goes on without it.
  if (!alone) return await new Promise<never>(() => {});
  throw new TdauthError(
    "login_cancelled",
    `Cannot log in to ${options.provider.name}: the input ended before a URL was pasted`,
    { hint: "run tdauth login in a terminal" },
  );
}

function open(
  options: LoginOptions,
  url: string,
  emit: (event: LoginEvent) => void,
): void {
  // Not awaited: some ways to show a page return only when the user is done with it.
  (async () => {
    await options.openUrl(url);
    emit({ type: "opened" });
  })().catch((error) => {
    emit({
      type: "not_opened",
      message: error instanceof Error ? error.message : String(error),
    });
  });
}

function timedOut(provider: Provider, timeout: number): TdauthError {
  return new TdauthError(
    "login_timeout",
    `Cannot log in to ${provider.name}: nobody completed the login within ${timeout} seconds`,
    {
      hint: provider.troubleHint ??
        "log in again: tdauth login; a longer time is --timeout 10m",
    },
  );
}

function cancelled(provider: Provider, cause: unknown): TdauthError {
  return new TdauthError(
    "login_cancelled",
    `Cannot log in to ${provider.name}: the login was cancelled`,
    { cause },
  );
}
