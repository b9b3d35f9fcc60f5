import { TdauthError } from "../base/errors.ts";
import { authorizationRequest } from "../oauth/protocol.ts";
import type { Provider } from "../providers/provider.ts";
import { loginDue, type Tokens } from "../token/token.ts";
import { LONGEST_TIMER } from "../base/after.ts";
import { checkLogin } from "./check_login.ts";
import { cancelled, timeText } from "./login_end.ts";
import type { CallbackPage } from "./callback_page.ts";
import { type CallbackServer, startCallbackServer } from "./callback_server.ts";
import { firstRedirect } from "./first_redirect.ts";
import type { LoginEvent } from "./login_event.ts";
import type { LoginOptions } from "./login_options.ts";
import { maskKey } from "./mask_key.ts";
import { describeRejection } from "./pasted_url.ts";
import type { RedirectRejection, UnreadRedirect } from "./redirect.ts";
import { tokensFromRedirect } from "./tokens_from_redirect.ts";

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
  try {
    return await loginOnce(options);
  } catch (error) {
    if (error instanceof TdauthError) {
      options.onEvent({ type: "failed", error });
    }
    throw error;
  }
}

async function loginOnce(options: LoginOptions): Promise<Tokens> {
  const { provider, app, callbackUrl } = options;
  const callback = checkLogin(provider, app, callbackUrl);
  const emit = options.onEvent;
  const timeout = options.loginTimeout;
  const end = new AbortController();
  const deadline = Date.now() + timeout * 1000;
  const timer = setTimeout(
    () => end.abort(timedOut(provider, callbackUrl, timeout)),
    Math.min(timeout * 1000, LONGEST_TIMER),
  );
  const cancel = () => end.abort(cancelled(provider, options.signal?.reason));
  options.signal?.addEventListener("abort", cancel, { once: true });
  if (options.signal?.aborted) cancel();

  let server: CallbackServer | undefined;
  try {
    end.signal.throwIfAborted();
    const request = await authorizationRequest(provider, app, callbackUrl);
    const onRejected = (reason: RedirectRejection | UnreadRedirect) =>
      emit({
        type: "rejected",
        from: "redirect",
        reason: describeRejection(reason),
      });
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
          formPost: provider.responseMode === "form_post",
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
        `Cannot log in to ${provider.name}: ${pasteOnly}`,
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
      broker: provider.name,
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

/** Exchanges the code, stores the tokens, and shows the result in the user's browser. */
async function complete(
  options: LoginOptions,
  request: Awaited<ReturnType<typeof authorizationRequest>>,
  redirect: URLSearchParams,
  server: CallbackServer | undefined,
  signal: AbortSignal,
): Promise<Tokens> {
  const { provider, app } = options;
  const { now } = options;
  const about = { broker: provider.name, app: maskKey(app.consumerKey) };
  let page: CallbackPage = {
    kind: "failed",
    ...about,
    message: "The login was interrupted",
  };
  try {
    const tokens = await tokensFromRedirect({
      ...options,
      ...{ request, redirect, signal },
    });
    const due = loginDue(tokens);
    page = {
      kind: "success",
      ...about,
      ...(options.profile !== "default" && { profile: options.profile }),
      ...(Number.isFinite(due) && { nextLogin: new Date(due * 1000) }),
      now: new Date(now()),
    };
    options.onEvent({ type: "done" });
    return tokens;
  } catch (error) {
    if (error instanceof TdauthError) {
      page = error.code === "login_denied" ? { kind: "denied", ...about } : {
        kind: "failed",
        ...about,
        message: error.message,
        ...(error.hint !== undefined && {
          hint: error.hint.forProfile(options.profile)
            .format(options.called()),
        }),
      };
    }
    throw error;
  } finally {
    await server?.finish(page);
  }
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

function timedOut(
  provider: Provider,
  callbackUrl: string,
  timeout: number,
): TdauthError {
  return new TdauthError(
    "login_timeout",
    `Cannot log in to ${provider.name}: the login timed out after ${
      timeText(timeout)
    }`,
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
