import { openHttps } from "./open_https.ts";

/** A page as a browser gets it, before any redirect is followed. */
export interface BrowsedPage {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
}

/** A browser without a window: it keeps cookies and follows no redirect by itself. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();
  readonly #signal: AbortSignal | undefined;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  async open(url: URL, form?: URLSearchParams): Promise<BrowsedPage> {
    // Cookies do not tell ports apart (RFC 6265 §8.5).
    const jar = this.#cookies.get(url.hostname) ?? new Map<string, string>();
    this.#cookies.set(url.hostname, jar);
    const headers: Record<string, string> = { accept: "text/html" };
    if (jar.size > 0) {
      headers["cookie"] = [...jar].map((pair) => pair.join("=")).join("; ");
    }
    if (form !== undefined) headers["origin"] = url.origin;
    const page = url.protocol === "https:"
      ? await clickPast(url, headers, this.#signal)
      : await openHttp(url, headers, form, this.#signal);
    for (const cookie of page.cookies) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? [];
      if (name !== undefined) jar.set(name.trim(), value ?? "");
    }
    return page;
  }
}

type Answered = BrowsedPage & { readonly cookies: readonly string[] };

async function openHttp(
  url: URL,
  headers: Record<string, string>,
  form: URLSearchParams | undefined,
  signal: AbortSignal | undefined,
): Promise<Answered> {
  const response = await fetch(url, {
    headers,
    redirect: "manual",
    ...(form && { method: "POST", body: form }),
    ...(signal && { signal }),
  });
  return {
    status: response.status,
    location: response.headers.get("location"),
    cookies: response.headers.getSetCookie(),
    body: await response.text(),
  };
}

/** Clicks past the warning about a callback server's certificate. No one can intercept the connection on this machine, and it is done nowhere else. */
async function clickPast(
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Answered> {
  if (!isLoopback(url)) throw new TypeError("not on this machine");
  return { ...await openHttps(url, headers, signal), body: "" };
}

/** Whether a URL leads to this machine and nowhere else. */
export function isLoopback(url: URL): boolean {
  return url.hostname === "localhost" || url.hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(url.hostname);
}
