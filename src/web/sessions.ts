import type { CookieSealer } from "./cookie_keys.ts";
import { cookieName, formatCookie, readCookies } from "./cookies.ts";

/** What a browser stores of a login in progress, encrypted. */
export interface PendingLogin {
  /** What the redirect must carry. */
  readonly state: string;
  /** The PKCE verifier, if the provider supports PKCE. */
  readonly codeVerifier?: string;
  /** Where the user goes afterwards. */
  readonly returnTo: string;
  /** The name of the session that the login will begin. Generated at the start, so that two responses to one login are one session. */
  readonly session: string;
  /** When the login began, in seconds since the epoch. */
  readonly time: number;
}

/** What a browser stores of a session, encrypted. */
export interface Session {
  /** Its random name. */
  readonly session: string;
  /** When it must end, in seconds since the epoch. */
  readonly end: number;
}

/** A login as its cookie holds it; the verifier is empty where there is none. */
type LoginFields = [
  state: string,
  codeVerifier: string,
  returnTo: string,
  session: string,
  time: number,
];

/** How many logins of one browser may be in progress. */
const MOST_LOGINS = 8;
/**
 * The maximum length of their cookies together, in characters: servers accept
 * some 8,000 of all cookies. Eight of the longest logins stay below; only
 * foreign cookies of such a name exceed it.
 */
const MOST_TEXT = 7000;
/** How many cookies are checked for it. Browsers keep at most 180 per site. */
const MOST_LOOKS = 180;
/** How many sessions' cookies are kept decrypted, about half a kilobyte each. */
const MOST_KNOWN = 10_000;
const LOGIN = "tdauth-login-";
const SESSION = "tdauth-session";

/** The cookies of one application. */
export class Sessions {
  readonly #sealer: CookieSealer;
  readonly #https: boolean;
  readonly #app: string;
  readonly #now: () => number;
  readonly #loginTimeout: number;
  /**
   * The content of sessions' cookies, oldest first: decrypting one takes longer
   * than the rest of a request. Only decrypted content gets in.
   */
  readonly #known = new Map<string, Session>();

  /**
   * @param sealer Encrypts what they hold.
   * @param options Whether the application is served over https; the provider and the app, whose cookies are none of another's; how long a login may take in seconds; the clock in milliseconds.
   */
  constructor(
    sealer: CookieSealer,
    options: {
      readonly https: boolean;
      readonly app: string;
      readonly loginTimeout: number;
      readonly now: () => number;
    },
  ) {
    this.#sealer = sealer;
    this.#https = options.https;
    this.#app = options.app;
    this.#now = options.now;
    this.#loginTimeout = options.loginTimeout;
  }

  /** The cookies to set when a login begins: its own, and the oldest ones' ends when there are too many. */
  async begin(request: Request, login: PendingLogin): Promise<string[]> {
    const name = this.#loginName(login.state);
    const { state, codeVerifier = "", returnTo, session, time } = login;
    // Without names: each character counts, once for every login in progress.
    const fields = [state, codeVerifier, returnTo, session, time];
    const value = await this.#seal(name, fields);
    const others = await this.#pending(request);
    let count = 1;
    let text = name.length + value.length;
    const old = others
      .toSorted((a, b) => b.time - a.time)
      .filter(({ length }) =>
        (text += length) > MOST_TEXT || ++count > MOST_LOGINS
      );
    return [
      ...old.map(({ cookie }) => formatCookie(cookie, "", { maxAge: 0 })),
      formatCookie(name, value, { maxAge: this.#loginTimeout }),
    ];
  }

  /** Returns the login that a redirect with this state belongs to, if this browser began it. */
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
  async hold({ session, end }: Session): Promise<string> {
    const name = cookieName(SESSION, this.#https);
    const value = await this.#seal(name, { session, end });
    return formatCookie(name, value, { maxAge: end - this.#seconds() });
  }

  /** The cookie that ends a session. */
  endSession(): string {
    return formatCookie(cookieName(SESSION, this.#https), "", { maxAge: 0 });
  }

  /** The session that a request belongs to. */
  async session(request: Request): Promise<Session | undefined> {
    const name = cookieName(SESSION, this.#https);
    const value = readCookies(request).get(name);
    if (value === undefined) return undefined;
    const held = this.#known.get(value) ?? await this.#learn(name, value);
    return held !== undefined && held.end > this.#seconds() ? held : undefined;
  }

  async #learn(name: string, value: string): Promise<Session | undefined> {
    const held = await this.#unseal<Session>(name, value);
    if (held === undefined) return undefined;
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < MOST_KNOWN) break;
      this.#known.delete(oldest);
    }
    this.#known.set(value, held);
    return held;
  }

  async #pending(
    request: Request,
  ): Promise<
    {
      readonly cookie: string;
      readonly time: number;
      readonly length: number;
    }[]
  > {
    const prefix = cookieName(LOGIN, this.#https);
    const found = [...readCookies(request)]
      .filter(([cookie]) =>
        cookie.startsWith(prefix) &&
        /^[\w-]{16}$/.test(cookie.slice(prefix.length))
      )
      .slice(0, MOST_LOOKS);
    return await Promise.all(found.map(async ([cookie, value]) => ({
      cookie,
      time: (await this.#open(cookie, value))?.time ?? 0,
      length: cookie.length + value.length,
    })));
  }

  async #open(name: string, value: string): Promise<PendingLogin | undefined> {
    const fields = await this.#unseal<LoginFields>(name, value);
    if (!Array.isArray(fields)) return undefined;
    const [state, codeVerifier, returnTo, session, time] = fields;
    if (this.#seconds() - time >= this.#loginTimeout) return undefined;
    return {
      state,
      ...(codeVerifier !== "" && { codeVerifier }),
      returnTo,
      session,
      time,
    };
  }

  #seal(name: string, value: unknown): Promise<string> {
    return this.#sealer.seal(value, `${name} ${this.#app}`);
  }

  async #unseal<T>(name: string, value: string): Promise<T | undefined> {
    return await this.#sealer.open(value, `${name} ${this.#app}`) as
      | T
      | undefined;
  }

  /** Each login has its own cookie, so that two tabs do not interfere. */
  #loginName(state: string): string {
    return cookieName(LOGIN + state.slice(0, 16), this.#https);
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}
