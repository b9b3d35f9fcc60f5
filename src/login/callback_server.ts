import { type CallbackPage, renderCallbackPage } from "./callback_page.ts";
import { readRequest, TICKET } from "./callback_request.ts";
import {
  listenOnLoopback,
  type LoopbackListener,
  type LoopbackOptions,
  loopbackUrl,
} from "./loopback.ts";
import { PAGE_HEADERS } from "./page_frame.ts";
import {
  checkRedirect,
  postedParameters,
  type RedirectRejection,
  sameText,
  type UnreadRedirect,
} from "./redirect.ts";
import { type After, after } from "../base/after.ts";
import { TdauthError } from "../base/errors.ts";
import { limitedText } from "../base/network.ts";

export { callbackHosts } from "./loopback.ts";

/** What a callback server needs to know. */
export interface CallbackServerOptions {
  /** The callback URL exactly as it is registered with the broker. */
  readonly callbackUrl: string;
  /** The state that this login sent. */
  readonly state: string;
  /** The certificate and its key, PEM; required for an https callback URL. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Stops the server immediately; `redirect` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Whether the provider posts the redirect as a form. @default {false} */
  readonly formPost?: boolean;
  /** Called for every redirect that failed the checks or could not be read; the login continues. */
  readonly onRejected?: (reason: RedirectRejection | UnreadRedirect) => void;
  /** When the login times out, for the pages that say so. @default {it is not said} */
  readonly until?: Date;
  /** What counts the time that the final page waits for its browser. @default the machine's clock */
  readonly after?: After;
}

/** A server that waits for one redirect. */
export interface CallbackServer {
  /** The parameters of the first redirect that passes the checks; rejects when the server is closed before one came. */
  readonly redirect: Promise<URLSearchParams>;
  /**
   * Shows the final page to the browser that brought the redirect, for which it
   * waits up to 0.8 seconds, then frees the port.
   *
   * @param page What to show.
   */
  finish(page: CallbackPage): Promise<void>;
  /** Frees the port immediately; may be called again. */
  close(): Promise<void>;
}

/** How long, in milliseconds, the final page waits for its browser. */
const LINGER = 800;
/** How long, in milliseconds, a delivered page needs to leave the socket; less cut pages short. */
const DRAIN = 50;
/** The longest form that is read, in bytes. */
const LONGEST_FORM = 16 * 1024;
/** How many requests may wait for the final page; one is the browser's, others are its reloads. */
const MOST_WAITING = 64;

/**
 * Starts the server that the broker sends the user's browser back to.
 *
 * The redirect is answered with a redirect to the same URL without the code, so
 * that the address bar and the history do not keep it (RFC 9700 §4.3.1), and the
 * request for that clean URL is answered once the login's outcome is known. A random
 * parameter tells that browser from all others, which do not get the final page.
 *
 * @param options The callback URL and the state to expect.
 * @returns The server, bound and, for https, proven to answer.
 * @throws {TdauthError} `port_in_use`, `port_forbidden`, `certificate_failed`, or `invalid_options` for a URL that does not lead to this machine or a permission that was not given.
 * @throws {TypeError} When the state is empty, or the certificate for an https URL is missing.
 */
export async function startCallbackServer(
  options: CallbackServerOptions,
): Promise<CallbackServer> {
  const { callbackUrl, state, tls, signal } = options;
  signal?.throwIfAborted();
  if (state === "") {
    throw new TypeError("Cannot check redirects without a state");
  }
  const callback = loopbackUrl(callbackUrl);
  const https = callback.protocol === "https:";
  if (https && !tls) {
    throw new TypeError("Cannot serve https without a certificate");
  }
  const server = new Server(callback, options);
  await server.listen(https ? tls : undefined);
  return server;
}

class Server implements CallbackServer {
  readonly #callback: URL;
  readonly #options: CallbackServerOptions;
  readonly #redirect = Promise.withResolvers<URLSearchParams>();
  /** The final page; undefined when the server was closed without one. */
  readonly #outcome = Promise.withResolvers<CallbackPage | undefined>();
  /** Whether a browser has the final page: false once none can have it any more. */
  readonly #shown = Promise.withResolvers<boolean>();
  /** What only the browser that brought the redirect has. */
  readonly #ticket = crypto.randomUUID();
  readonly #deliveries: Promise<void>[] = [];
  #accepted = false;
  #waiting = 0;
  #listener: LoopbackListener | undefined;
  #finished: Promise<void> | undefined;

  constructor(callback: URL, options: CallbackServerOptions) {
    this.#callback = callback;
    this.#options = options;
    // A caller that has its response from elsewhere may ignore this.
    this.redirect.catch(() => {});
  }

  get redirect(): Promise<URLSearchParams> {
    return this.#redirect.promise;
  }

  async listen(tls: LoopbackOptions["tls"]): Promise<void> {
    const { signal } = this.#options;
    this.#listener = await listenOnLoopback({
      callback: this.#callback,
      tls,
      handler: (request, completed) => this.#answer(request, completed),
    });
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted) {
      await this.close();
      signal.throwIfAborted();
    }
  }

  finish(page: CallbackPage): Promise<void> {
    return this.#finished ??= this.#show(page).finally(() => this.close());
  }

  async close(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#redirect.reject(
      this.#options.signal?.aborted
        ? this.#options.signal.reason
        : new TdauthError(
          "login_cancelled",
          "Cannot wait for the redirect: the callback server was closed",
        ),
    );
    this.#outcome.resolve(undefined);
    this.#shown.resolve(false);
    await this.#listener?.close();
  }

  readonly #onAbort = (): void => {
    void this.close();
  };

  async #show(page: CallbackPage): Promise<void> {
    this.#outcome.resolve(page);
    if (!this.#accepted) return; // no browser has come, so none will come back
    const count = this.#options.after ?? after;
    const linger = Promise.withResolvers<false>();
    const forget = count(LINGER, () => linger.resolve(false));
    const everywhere = async () => {
      const shown = await this.#shown.promise;
      await Promise.all(this.#deliveries);
      return shown;
    };
    const shown = await Promise.race([everywhere(), linger.promise]);
    forget();
    if (shown) await new Promise<void>((resolve) => count(DRAIN, resolve));
  }

  #answer(
    request: Request,
    completed: Promise<void>,
  ): Response | Promise<Response> {
    const read = readRequest(request, this.#callback);
    switch (read.kind) {
      case "wrong_host":
        this.#tell(request, "wrong_host");
        return plain(421, "Misdirected Request");
      case "wrong_method":
        this.#tell(request, "wrong_method");
        return plain(405, "Method Not Allowed", { allow: "GET" });
      case "posted":
        return this.#answerPosted(request);
      case "too_long":
        return plain(414, "URI Too Long");
      case "icon":
        return plain(204);
      case "wrong_path":
        return plain(404, "Not Found");
      case "redirect":
        return this.#answerRedirect(read.parameters);
      case "clean":
        return this.#answerClean(request, read.ticket, completed);
    }
  }

  /** Tells of a request that brings nothing, unless a page made it, which no person sees fail. */
  #tell(request: Request, reason: UnreadRedirect): void {
    const told = !this.#accepted && isNavigation(request);
    if (told) this.#options.onRejected?.(reason);
  }

  async #answerPosted(request: Request): Promise<Response> {
    const { formPost, onRejected } = this.#options;
    if (formPost !== true) {
      onRejected?.("posted");
      return plain(405, "Method Not Allowed", { allow: "GET" });
    }
    const type = request.headers.get("content-type") ?? "";
    if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
      return plain(415, "Unsupported Media Type");
    }
    const body = await limitedText(request, LONGEST_FORM);
    if (body === undefined) return plain(413, "Content Too Large");
    return this.#answerRedirect(postedParameters(body));
  }

  get #until(): { until?: Date } {
    return this.#options.until ? { until: this.#options.until } : {};
  }

  #answerRedirect(parameters: URLSearchParams): Response | Promise<Response> {
    const check = checkRedirect(parameters, this.#options.state);
    if (!check.ok) {
      this.#options.onRejected?.(check.reason);
      return html({ kind: "rejected", reason: check.reason, ...this.#until });
    }
    this.#accepted = true;
    this.#redirect.resolve(check.parameters); // the first one counts, whatever follows
    const { origin, pathname, search } = this.#callback;
    const next = `${
      search === "" ? "?" : `${search}&`
    }${TICKET}=${this.#ticket}`;
    return plain(303, undefined, { location: origin + pathname + next });
  }

  async #answerClean(
    request: Request,
    ticket: string | null,
    completed: Promise<void>,
  ): Promise<Response> {
    if (!this.#accepted) {
      // A fragment stays in the browser: only the person can see it.
      this.#tell(request, "no_answer");
      return html({ kind: "waiting", ...this.#until });
    }
    if (!sameText(ticket ?? "", this.#ticket)) {
      return html({ kind: "elsewhere" });
    }
    if (this.#waiting >= MOST_WAITING) return plain(503, "Service Unavailable");
    this.#waiting++;
    const page = await this.#outcome.promise;
    this.#waiting--;
    if (page === undefined) return plain(503, "Service Unavailable");
    this.#deliveries.push(
      completed.then(() => this.#shown.resolve(true), () => {}), // that browser has gone
    );
    return html(page);
  }
}

/** Whether a person's browser opens a page, as far as it says: older ones say nothing. */
function isNavigation({ headers }: Request): boolean {
  return (headers.get("sec-fetch-mode") ?? "navigate") === "navigate" &&
    !/prefetch/i.test(headers.get("sec-purpose") ?? "");
}

/** No keep-alive: an idle connection would only have to be closed at the end. */
const CONNECTION = { connection: "close" };

function plain(
  status: number,
  body?: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, {
    status,
    headers: {
      ...PAGE_HEADERS,
      ...CONNECTION,
      ...(body === undefined ? {} : { "content-type": "text/plain" }),
      ...headers,
    },
  });
}

async function html(page: CallbackPage): Promise<Response> {
  const { status, html, headers } = await renderCallbackPage(page);
  headers.set("connection", "close");
  return new Response(html, { status, headers });
}
