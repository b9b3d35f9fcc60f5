import { LONGEST_TIMER } from "../base/after.ts";
import { TdauthError } from "../base/errors.ts";
import type { CallbackPage } from "./callback_page.ts";
import { type CallbackServer, startCallbackServer } from "./callback_server.ts";
import type { CallbackUrl } from "./callback_url.ts";
import { firstRedirect } from "./first_redirect.ts";
import { cancelled, timeText } from "./login_end.ts";
import type { LoginEvent } from "./login_event.ts";
import type { Certificate } from "./login_options.ts";
import { describeRejection } from "./pasted_url.ts";
import type { RedirectRejection, UnreadRedirect } from "./redirect.ts";

/** What a login with a browser needs, wherever its code is exchanged. */
export interface BrowserLogin<T> {
  /** The provider's name. */
  readonly name: string;
  /** The provider's page, and the state that its redirect must carry. */
  readonly request: { readonly url: string; readonly state: string };
  /** The callback URL, as it was sent. */
  readonly callbackUrl: string;
  /** What the callback URL requires. */
  readonly callback: CallbackUrl;
  /** Whether the provider posts the redirect as a form. */
  readonly formPost: boolean;
  /** Why nothing listens for the redirect, which is pasted. @default {it listens where it can} */
  readonly pasteOnly?: string;
  /** Returns the certificate for an https callback URL; called only for one. */
  readonly certificate: () => Promise<Certificate>;
  /** Shows the provider's page to the user. */
  readonly openUrl: (url: string) => void | Promise<void>;
  /** Redirect URLs that the user pastes, one a line. */
  readonly pastedUrls?: AsyncIterable<string>;
  /** How long the user has, in seconds. */
  readonly loginTimeout: number;
  /** Hears of progress. */
  readonly onEvent: (event: LoginEvent) => void;
  /** Ends the login: with its reason if that is a `TdauthError`, else as one that was cancelled. */
  readonly signal?: AbortSignal;
  /**
   * Gets the tokens for the redirect, and shows the result in the user's browser.
   *
   * @param redirect The redirect's parameters, which have passed the checks.
   * @param signal Ends it.
   * @param show Shows the final page to the browser that brought the redirect.
   */
  readonly finish: (
    redirect: URLSearchParams,
    signal: AbortSignal,
    show: (page: CallbackPage) => Promise<void>,
  ) => Promise<T>;
}

/**
 * Shows the provider's page to the user and waits for its redirect, which comes to
 * the callback server or is pasted, whichever comes first.
 *
 * @param options The request and the edges.
 * @returns What `finish` returns.
 * @throws {TdauthError} As {@linkcode login}, and as `finish`.
 */
export async function browserLogin<T>(options: BrowserLogin<T>): Promise<T> {
  const { name, request, callbackUrl, callback } = options;
  const emit = options.onEvent;
  const timeout = options.loginTimeout;
  const end = new AbortController();
  const deadline = Date.now() + timeout * 1000;
  const timer = setTimeout(
    () => end.abort(timedOut(name, callbackUrl, timeout)),
    Math.min(timeout * 1000, LONGEST_TIMER),
  );
  const cancel = () => {
    const reason: unknown = options.signal?.reason;
    end.abort(
      reason instanceof TdauthError ? reason : cancelled({ name }, reason),
    );
  };
  options.signal?.addEventListener("abort", cancel, { once: true });
  if (options.signal?.aborted) cancel();

  let server: CallbackServer | undefined;
  try {
    end.signal.throwIfAborted();
    const onRejected = (reason: RedirectRejection | UnreadRedirect) =>
      emit({
        type: "rejected",
        from: "redirect",
        reason: describeRejection(reason),
      });
    let pasteOnly = options.pasteOnly ??
      (callback.hosts.length === 0
        ? `the callback URL ${callbackUrl} is not on this machine`
        : undefined);
    if (pasteOnly === undefined) {
      try {
        const tls = callback.https ? await options.certificate() : undefined;
        server = await startCallbackServer({
          callbackUrl,
          state: request.state,
          signal: end.signal,
          formPost: options.formPost,
          onRejected,
          until: new Date(deadline),
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
        `Cannot log in to ${name}: ${pasteOnly}`,
        {
          hint: [
            { text: "run", command: ["login"] },
            " in a terminal and paste the URL there, or register a callback URL such as https://127.0.0.1:8182",
          ],
        },
      );
    }
    emit({
      type: "ready",
      broker: name,
      url: request.url,
      callbackUrl,
      deadline,
      ...(pasteOnly !== undefined && { pasteOnly }),
    });
    open(options, request.url, emit);
    const redirect = await firstRedirect(
      options,
      request.state,
      server,
      end.signal,
      emit,
    );
    if (redirect.has("code")) emit({ type: "exchanging" });
    return await options.finish(
      redirect,
      end.signal,
      async (page) => await server?.finish(page),
    );
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

function open(
  options: Pick<BrowserLogin<unknown>, "openUrl">,
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

function timedOut(
  name: string,
  callbackUrl: string,
  timeout: number,
): TdauthError {
  return new TdauthError(
    "login_timeout",
    `Cannot log in to ${name}: the login timed out after ${timeText(timeout)}`,
    {
      hint: {
        text:
          `if the browser ended at an address that begins with ${callbackUrl}, or the same with http in place of https or the other way round, paste it next time; ` +
          'if it showed "Access Denied", compare the callback URL with the registered one; ' +
          "more time:",
        command: ["login", "--timeout", "10m"],
      },
    },
  );
}
