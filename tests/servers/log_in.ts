/** A scripted user: logs in at a server's own form, by plain fetch with cookies. */

import type { LoginForm } from "./real_server.ts";

/** The user that each server has. */
export const USER = "pat";
/** The user's password. */
export const PASSWORD = "pat's own 1";

/** More pages than a login has. */
const MOST_PAGES = 20;

/**
 * Goes to an authorization URL, logs in, consents, follows each redirect and
 * ends at the callback URL.
 *
 * @param url The authorization URL.
 * @param form How the server asks.
 */
export async function logIn(url: string, form: LoginForm): Promise<void> {
  const browser = new Browser(url);
  let page = await browser.go(new Request(url));
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    if (page.left) return;
    page = form === "glewlwyd" && page.url.pathname.endsWith("/login.html")
      ? await logInAtGlewlwyd(browser, page.url)
      : await browser.go(filled(page, form));
  }
  throw new Error(`The login did not end within ${MOST_PAGES} pages`);
}

/**
 * Goes to the page of a device login at glewlwyd, whose URL has the code, logs in
 * and allows it.
 *
 * @param url The page.
 * @returns Where it ends.
 */
export async function allowDeviceAtGlewlwyd(url: string): Promise<URL> {
  const browser = new Browser(url);
  const { url: form } = await browser.go(new Request(url));
  return (await logInAtGlewlwyd(browser, form)).url;
}

/** A page that was reached. */
interface Page {
  readonly url: URL;
  readonly text: string;
  /** Whether it is at the callback URL, where the login is over. */
  readonly left: boolean;
}

class Browser {
  readonly #cookies = new Map<string, string>();
  readonly #home: string;

  constructor(start: string) {
    this.#home = new URL(start).origin;
  }

  /** Sends a request and follows redirects. */
  async go(request: Request): Promise<Page> {
    let next = request;
    for (let hops = 0; hops < MOST_PAGES; hops++) {
      const url = new URL(next.url);
      const left = url.origin !== this.#home;
      const response = await this.send(next);
      const text = await response.text();
      const location = response.headers.get("location");
      if (location === null) {
        if (!left && !response.ok) {
          throw new Error(
            `${url.pathname} returned ${response.status} ${text}`,
          );
        }
        return { url, text, left };
      }
      next = new Request(new URL(location, url));
    }
    throw new Error("too many redirects");
  }

  /** Sends one request with the cookies of the server. */
  async send(request: Request): Promise<Response> {
    const atServer = new URL(request.url).origin === this.#home;
    if (atServer) {
      const cookies = [...this.#cookies];
      request.headers.set(
        "cookie",
        cookies.map(([name, value]) => `${name}=${value}`).join("; "),
      );
    }
    const response = await fetch(request, {
      redirect: "manual",
      signal: AbortSignal.timeout(60_000),
    });
    if (!atServer) return response;
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === "") this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }
}

/** The page's form, filled in and submitted with the button that agrees. */
function filled({ text, url }: Page, kind: LoginForm): Request {
  const [user, password] = kind === "lemonldap"
    ? ["dwho", "dwho"]
    : [USER, PASSWORD];
  const forms = text.match(/<form\b[\s\S]*?<\/form>/gi) ?? [];
  const form = forms.find((form) => /method="?post/i.test(form));
  if (form === undefined) throw new Error(`No form at ${url}:\n${text}`);
  const [opening = ""] = /<form\b[^>]*>/i.exec(form) ?? [];
  const fields = new URLSearchParams();
  for (const [input] of form.matchAll(/<(?:input|button)\b[^>]*>/gi)) {
    const name = attribute(input, "name");
    if (name === undefined) continue;
    const type = attribute(input, "type")?.toLowerCase() ?? "text";
    if (type === "password") fields.set(name, password);
    else if (/^(user|login|username)$/i.test(name)) fields.set(name, user);
    else if (type !== "checkbox") {
      fields.set(name, attribute(input, "value") ?? "");
    }
  }
  return new Request(new URL(attribute(opening, "action") || url.href, url), {
    method: "POST",
    headers: { referer: url.href, origin: url.origin },
    body: fields,
  });
}

function attribute(tag: string, name: string): string | undefined {
  const [, double, single] =
    new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)')`, "i").exec(tag) ?? [];
  return (double ?? single)?.replaceAll("&quot;", '"').replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Does what the script of glewlwyd's login page does: password, grant, and on to where it was asked. */
async function logInAtGlewlwyd(browser: Browser, url: URL): Promise<Page> {
  const asked = url.searchParams;
  const api = new URL("api/", url);
  const call = async (method: string, path: string, body: unknown) => {
    const response = await browser.send(
      new Request(new URL(path, api), {
        method,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    );
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path} returned ${response.status} ${text}`);
    }
  };
  await call("POST", "auth/", { username: USER, password: PASSWORD });
  const client = encodeURIComponent(asked.get("client_id") ?? "");
  await call("PUT", `auth/grant/${client}`, { scope: asked.get("scope") });
  return await browser.go(
    new Request(new URL(`${asked.get("callback_url")}&g_continue`, url)),
  );
}
