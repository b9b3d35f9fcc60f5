import { type BrowsedPage, Browser, isLoopback } from "./browse.ts";
import { type HtmlForm, parseForms, textOf } from "./html_form.ts";
import { sandboxUser } from "./sandbox_user.ts";

/** Options of {@linkcode approve} and {@linkcode approveAndCopy}. */
export interface ApproveOptions {
  /** The user name. @default {the practice brokers' one user} */
  readonly user?: string;
  /** The password. @default {the practice brokers' one user's} */
  readonly password?: string;
  /** Whether the user lets the app in. @default {"allow"} */
  readonly decision?: "allow" | "deny";
  /** Aborts it. */
  readonly signal?: AbortSignal;
}

/**
 * Plays the user of a practice broker as a browser would: opens the
 * authorization URL, fills in the login form, answers the consent page, and
 * follows the redirect to the callback URL and on from there. The callback URL's
 * certificate is accepted, whatever its issuer.
 *
 * It works only on this machine: a real broker's login form must not be
 * automated.
 *
 * @param url The authorization URL, of a practice broker on loopback.
 * @param options Who logs in and what they decide.
 * @returns When the callback URL has responded, with any status.
 * @throws {TypeError} When the URL, or the callback URL, is not on loopback.
 * @throws {Error} When a page of the practice broker shows an error, such as "Access Denied", or nothing listens there or on the callback URL.
 *
 * @example
 * ```ts
 * import { approve, startSandbox } from "@tdauth/tdauth/sandbox";
 *
 * await using app = Deno.serve({ port: 0, onListen() {} }, () => new Response());
 * await using broker = await startSandbox({
 *   callbackUrl: `http://127.0.0.1:${app.addr.port}`,
 * });
 * await approve(
 *   `${broker.authorizationEndpoint}?${new URLSearchParams({
 *     response_type: "code",
 *     client_id: broker.app.consumerKey,
 *     redirect_uri: broker.app.callbackUrl,
 *   })}`,
 * );
 * ```
 */
export async function approve(
  url: string,
  options: ApproveOptions = {},
): Promise<void> {
  const browser = new Browser(options.signal);
  let next = await walk(browser, url, options);
  if (!isLoopback(next)) {
    throw new TypeError(
      `Cannot follow the redirect to "${next.origin}": it is not on this machine; use approveAndCopy()`,
    );
  }
  // The callback server may redirect too, to a URL without the code.
  for (let hops = 0; hops < 10; hops++) {
    const page = await browser.open(next).catch((cause) => {
      options.signal?.throwIfAborted();
      throw new Error(
        `Cannot follow the redirect to "${next.origin}${next.pathname}": it did not respond`,
        { cause: withoutCode(cause) },
      );
    });
    if (!isRedirect(page)) return;
    next = new URL(page.location, next);
    if (!isLoopback(next)) return;
  }
  throw new Error(
    `Cannot follow the redirect to "${next.origin}${next.pathname}": it loops`,
  );
}

/**
 * Plays the user of a practice broker up to the redirect, and returns the URL
 * that the browser would show then, without following it: for programs that ask
 * the user to paste it.
 *
 * @param url The authorization URL, of a practice broker on loopback.
 * @param options Who logs in and what they decide.
 * @returns The callback URL with `code` and `state`, or with `error`.
 * @throws {TypeError} When the URL is not on loopback.
 * @throws {Error} When a page of the practice broker shows an error, such as "Access Denied".
 *
 * @example
 * ```ts
 * import { approveAndCopy, startSandbox } from "@tdauth/tdauth/sandbox";
 * import assert from "node:assert/strict";
 *
 * await using broker = await startSandbox();
 * const address = await approveAndCopy(
 *   `${broker.authorizationEndpoint}?${new URLSearchParams({
 *     response_type: "code",
 *     client_id: broker.app.consumerKey,
 *     redirect_uri: broker.app.callbackUrl,
 *     state: "123",
 *   })}`,
 * );
 * assert.match(address, /^https:\/\/127\.0\.0\.1:8182\/\?code=C0\..+%40&session=.+&state=123$/);
 * ```
 */
export async function approveAndCopy(
  url: string,
  options: ApproveOptions = {},
): Promise<string> {
  return (await walk(new Browser(options.signal), url, options)).href;
}

/** Walks the broker's pages; the URL that leads away from them. */
async function walk(
  browser: Browser,
  url: string,
  options: ApproveOptions,
): Promise<URL> {
  let at = new URL(url);
  const { origin } = at;
  if (!isLoopback(at) || at.protocol !== "http:") {
    throw new TypeError(
      "Cannot act as the user: the authorization URL is not that of a practice broker on this machine",
    );
  }
  let page = await browser.open(at).catch((cause) => {
    options.signal?.throwIfAborted();
    throw new Error(
      `Cannot log in to the practice broker: there is none at ${origin}`,
      { cause: withoutCode(cause) },
    );
  });
  let last = "";
  for (let steps = 0; steps < 10; steps++) {
    if (isRedirect(page)) {
      const next = new URL(page.location, at);
      if (next.origin !== origin) return next;
      at = next;
      page = await browser.open(at);
      continue;
    }
    const form = parseForms(page.body).find(({ method }) => method === "POST");
    const filled = page.status === 200 && form !== undefined
      ? fill(form, options)
      : undefined;
    const action = new URL(form?.action ?? "", at);
    // The same form again means that the input was rejected.
    if (
      filled === undefined || action.origin !== origin || last === action.href
    ) throw new Error(complaint(page));
    last = action.href;
    at = action;
    page = await browser.open(at, filled);
  }
  throw new Error(
    "Cannot log in to the practice broker: too many pages",
  );
}

/** Describes why a page failed, without the URL's query: the code may be in it. */
function withoutCode(cause: unknown): Error | undefined {
  if (!(cause instanceof Error)) return undefined;
  const told = new Error(
    cause.message.replace(/\?[^\s)"']*/g, "?…"),
    { cause: withoutCode(cause.cause) },
  );
  told.name = cause.name;
  told.stack = ""; // it begins with the message
  return told;
}

/** What a browser sends for a form; undefined when there is nothing to fill it in with. */
function fill(
  form: HtmlForm,
  {
    user = sandboxUser.name,
    password = sandboxUser.password,
    decision = "allow",
  }: ApproveOptions,
): URLSearchParams | undefined {
  const sent = new URLSearchParams();
  for (const field of form.fields) {
    if (field.name === "") continue;
    if (field.type === "text") sent.append(field.name, user);
    else if (field.type === "password") sent.append(field.name, password);
    else if (field.type === "submit") {
      if (field.value === decision) sent.append(field.name, field.value);
    } else if (field.type !== "checkbox" || field.checked) {
      sent.append(field.name, field.value);
    }
  }
  const asks = form.fields.some(({ type }) => type === "password");
  return asks || sent.has("decision") ? sent : undefined;
}

function complaint(page: BrowsedPage): string {
  const title = textOf(page.body, /<h1[^>]*>([\s\S]*?)<\/h1>/i) ??
    "an unknown page";
  const why = textOf(
    page.body,
    /<p[^>]*role="alert"[^>]*>([\s\S]*?)<\/p>/i,
  );
  return `Cannot log in to the practice broker: it answered ${page.status}, "${title}"${
    why === undefined ? "" : `: ${why}`
  }`;
}

function isRedirect(
  page: BrowsedPage,
): page is BrowsedPage & { readonly location: string } {
  return page.status >= 300 && page.status < 400 && page.location !== null;
}
