import { randomText } from "./random.ts";

/** One browser, known by its cookie. */
export interface BrowserSession {
  id: string;
}

/** One authorization request on its way through the pages. */
export interface Attempt {
  readonly id: string;
  /** The browser that began it; no other may continue it. */
  readonly session: BrowserSession;
  readonly state: string | null;
  loggedIn: boolean;
}

/** Abandoned ones are forgotten beyond this many. */
const LIMIT = 1000;

/** The browsers at the practice broker's pages, and what each is about to do. */
export class BrowserSessions {
  readonly #sessions = new Map<string, BrowserSession>();
  readonly #attempts = new Map<string, Attempt>();
  #cookie = "sandbox";

  /** Cookies do not tell ports apart (RFC 6265 §8.5), so the port is in the name. */
  set port(port: number) {
    this.#cookie = `sandbox_${port}`;
  }

  begin(headers: Headers, state: string | null): Attempt {
    const session = this.#session(headers) ?? { id: randomText() };
    this.#sessions.set(session.id, session);
    const attempt = { id: randomText(), session, state, loggedIn: false };
    this.#attempts.set(attempt.id, attempt);
    forget(this.#sessions);
    forget(this.#attempts);
    return attempt;
  }

  /** The attempt, if it is this browser's. */
  find(headers: Headers, id: string | null): Attempt | undefined {
    const attempt = this.#attempts.get(id ?? "");
    return attempt !== undefined && attempt.session === this.#session(headers)
      ? attempt
      : undefined;
  }

  /** A login gets a new session id, against session fixation. */
  logIn(attempt: Attempt): void {
    this.#sessions.delete(attempt.session.id);
    attempt.session.id = randomText();
    this.#sessions.set(attempt.session.id, attempt.session);
    attempt.loggedIn = true;
  }

  end(attempt: Attempt): void {
    this.#attempts.delete(attempt.id);
  }

  endAll(): void {
    this.#sessions.clear();
    this.#attempts.clear();
  }

  setCookie(attempt: Attempt): string {
    return `${this.#cookie}=${attempt.session.id}; Path=/; HttpOnly; SameSite=Lax`;
  }

  #session(headers: Headers): BrowserSession | undefined {
    for (const pair of (headers.get("cookie") ?? "").split(/;\s*/)) {
      const [name, value] = pair.split("=", 2);
      if (name === this.#cookie) return this.#sessions.get(value ?? "");
    }
  }
}

function forget(map: Map<string, unknown>): void {
  for (const oldest of map.keys()) {
    if (map.size <= LIMIT) break;
    map.delete(oldest);
  }
}
