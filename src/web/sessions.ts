import type { CookieSealer } from "./cookie_keys.ts";
import { cookieName, formatCookie, readCookies } from "./cookies.ts";

/** What a browser holds of a login that is under way, encrypted. */
export interface PendingLogin {
  /** What the redirect must carry. */
  readonly state: string;
  /** The PKCE verifier, where the provider takes PKCE. */
  readonly codeVerifier?: string;
  /** Where the user goes afterwards. */
  readonly returnTo: string;
  /** The name of the session that the login will begin. Made here, so that two answers to one login are one session. */
  readonly session: string;
  /** When the login began, in seconds since the epoch. */
  readonly time: number;
}

/** What a browser holds of a session, encrypted. */
interface Session {
  readonly session: string;
  /** When it must end, in seconds since the epoch. */
  readonly end: number;
}

/** How many logins of one browser may be under way; more would fill the header that the browser sends. */
const MOST_LOGINS = 8;
const LOGIN = "tdauth-login-";
const SESSION = "tdauth-session";

/** The cookies of one application. */
export class Sessions {
  readonly #sealer: CookieSealer;
  readonly #https: boolean;
  readonly #now: () => number;
  readonly #loginTimeout: number;

  /**
   * @param sealer Encrypts what they hold.
   * @param options Whether the application is served over https, how long a login may take in seconds, and the clock in milliseconds.
   */
  constructor(
    sealer: CookieSealer,
    options: {
      readonly https: boolean;
      readonly loginTimeout: number;
      readonly now: () => number;
    },
  ) {
    this.#sealer = sealer;
    this.#https = options.https;
    this.#now = options.now;
    this.#loginTimeout = options.loginTimeout;
  }

  /** The cookies to set when a login begins: its own, and the oldest ones' ends when there are too many. */
  async begin(request: Request, login: PendingLogin): Promise<string[]> {
    const name = this.#loginName(login.state);
    const others = await this.#pending(request);
    const old = others
      .toSorted((a, b) => b.time - a.time)
      .slice(MOST_LOGINS - 1);
    return [
      ...old.map(({ cookie }) => formatCookie(cookie, "", { maxAge: 0 })),
      formatCookie(name, await this.#sealer.seal(login, name), {
        maxAge: this.#loginTimeout,
      }),
    ];
  }

  /** The login that a redirect with this state answers, if this browser began it. */
  async pending(
    request: Request,
    state: string,
  ): Promise<PendingLogin | undefined> {
    const name = this.#loginName(state);
    const value = readCookies(request).get(name);
    return value === undefined ? undefined : await this.#open(name, value);
  }

  /** The cookie that ends a login. */
  endLogin({ state }: PendingLogin): string {
    return formatCookie(this.#loginName(state), "", { maxAge: 0 });
  }

  /** The cookie that holds a session. */
  async hold(session: string, lifetime: number): Promise<string> {
    const name = cookieName(SESSION, this.#https);
    const end = this.#seconds() + Math.floor(lifetime);
    const value = await this.#sealer.seal({ session, end }, name);
    return formatCookie(name, value, { maxAge: lifetime });
  }

  /** The cookie that ends a session. */
  endSession(): string {
    return formatCookie(cookieName(SESSION, this.#https), "", { maxAge: 0 });
  }

  /** The name of the session that a request belongs to. */
  async session(request: Request): Promise<string | undefined> {
    const name = cookieName(SESSION, this.#https);
    const value = readCookies(request).get(name);
    if (value === undefined) return undefined;
    const held = await this.#sealer.open(value, name) as Session | undefined;
    return held !== undefined && held.end > this.#seconds()
      ? held.session
      : undefined;
  }

  async #pending(
    request: Request,
  ): Promise<{ readonly cookie: string; readonly time: number }[]> {
    const prefix = cookieName(LOGIN, this.#https);
    const found = [];
    for (const [cookie, value] of readCookies(request)) {
      if (!cookie.startsWith(prefix)) continue;
      const time = (await this.#open(cookie, value))?.time ?? 0;
      found.push({ cookie, time });
    }
    return found;
  }

  async #open(name: string, value: string): Promise<PendingLogin | undefined> {
    const login = await this.#sealer.open(value, name) as
      | PendingLogin
      | undefined;
    if (login === undefined) return undefined;
    return this.#seconds() - login.time < this.#loginTimeout
      ? login
      : undefined;
  }

  /** Each login has a cookie of its own, so that two tabs do not disturb each other. */
  #loginName(state: string): string {
    return cookieName(LOGIN + state.slice(0, 16), this.#https);
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}
