/** A scripted user of oidc-provider's development forms, by plain fetch. */

/** What the user and the network between do. */
export interface ApproveAtOptions {
  /** What the redirect's `iss` is changed to; `null` takes it away. */
  readonly iss?: string | null;
  /** Whether the user cancels rather than logs in. */
  readonly cancel?: boolean;
}

/** The page that the user's browser ends at. */
export interface EndPage {
  /** Its address. */
  readonly url: string;
  /** Its status. */
  readonly status: number;
  /** Its markup. */
  readonly text: string;
}

/** More pages than a login has. */
const MOST_PAGES = 20;

/**
 * Goes to an authorization URL, logs in, consents, follows every redirect and
 * ends at the callback URL's last page.
 */
export async function approveAt(
  url: string,
  options: ApproveAtOptions = {},
): Promise<EndPage> {
  return await walk(url, options, true);
}

/** Logs in and consents as {@linkcode approveAt}, and gives the callback URL with the code without going there. */
export async function approvedUrl(
  url: string,
  options: ApproveAtOptions = {},
): Promise<string> {
  return (await walk(url, options, false)).url;
}

async function walk(
  url: string,
  options: ApproveAtOptions,
  toTheEnd: boolean,
): Promise<EndPage> {
  const start = new URL(url);
  const cookies = new Map<string, string>();
  let request = new Request(start);
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const here = new URL(request.url);
    const atServer = here.origin === start.origin;
    if (atServer) {
      request.headers.set(
        "cookie",
        [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      );
    }
    const response = await fetch(request, {
      redirect: "manual",
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    if (atServer) keep(cookies, response.headers);
    const location = response.headers.get("location");
    if (location !== null) {
      const target = new URL(location, here);
      const leaves = atServer && target.origin !== start.origin;
      if (leaves && !toTheEnd) {
        return { url: tampered(target, options).href, status: 0, text: "" };
      }
      request = new Request(leaves ? tampered(target, options) : target);
    } else if (!atServer) {
      return { url: here.href, status: response.status, text };
    } else if (!response.ok) {
      throw new Error(`${here.pathname} answered ${response.status}`);
    } else {
      request = options.cancel ? cancelled(text, here) : submitted(text, here);
    }
  }
  throw new Error(`The login did not end within ${MOST_PAGES} pages`);
}

function keep(cookies: Map<string, string>, headers: Headers): void {
  for (const cookie of headers.getSetCookie()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    if (value === "") cookies.delete(name);
    else cookies.set(name, value);
  }
}

function tampered(target: URL, { iss }: ApproveAtOptions): URL {
  if (iss === null) target.searchParams.delete("iss");
  else if (iss !== undefined) target.searchParams.set("iss", iss);
  return target;
}

function submitted(page: string, here: URL): Request {
  const action = attribute(/<form\b[^>]*>/, "action", page);
  const prompt = attribute(/<input type="hidden"[^>]*>/, "value", page);
  return new Request(new URL(action, here), {
    method: "POST",
    body: new URLSearchParams({ prompt, login: "pat", password: "pat" }),
  });
}

function cancelled(page: string, here: URL): Request {
  const href = attribute(/<a\b[^>]*>\[ Cancel \]/, "href", page);
  return new Request(new URL(href, here));
}

function attribute(tag: RegExp, name: string, page: string): string {
  const [element = ""] = tag.exec(page) ?? [];
  const [, value] = new RegExp(`${name}="([^"]*)"`).exec(element) ?? [];
  if (value === undefined) throw new Error(`The page has no ${tag.source}`);
  return value.replaceAll("&amp;", "&");
}
