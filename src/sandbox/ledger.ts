import type { BrokerPreset } from "./broker_preset.ts";

/** One login of the user: the family that its tokens belong to. */
export interface Login {
  /** In milliseconds on the sandbox's clock. */
  readonly time: number;
  /** The numbers of the accounts that the user ticked. */
  readonly accounts: readonly string[];
  /** Why all its tokens are invalid. */
  dead?: string;
}

/** A code, a refresh token or an access token. */
export interface Grant {
  readonly value: string;
  /** Absent for an access token by `client_credentials`. */
  readonly login?: Login;
  /** In milliseconds on the sandbox's clock. */
  readonly expires: number;
  /** Why it is invalid, apart from its age. */
  dead?: string;
}

/** Old grants are dropped beyond this many, so that memory stays bounded: 10,000 users may refresh nine times. */
const LIMIT = 100_000;

/** Observed by clients' users: a code must be exchanged within about 30 seconds. */
const CODE_LIFETIME = 30;

/** The codes and tokens that the practice broker has granted, valid or not. */
export class Ledger {
  readonly #codes = new Map<string, Grant>();
  readonly #accessTokens = new Map<string, Grant>();
  readonly #refreshTokens = new Map<string, Grant>();
  readonly #preset: BrokerPreset;
  readonly #now: () => number;

  constructor(preset: BrokerPreset, now: () => number) {
    this.#preset = preset;
    this.#now = now;
  }

  newCode(accounts: readonly string[]): Grant {
    const time = this.#now();
    return put(this.#codes, {
      value: this.#preset.newCode(),
      login: { time, accounts },
      expires: time + CODE_LIFETIME * 1000,
    });
  }

  newAccessToken(lifetime: number, login?: Login): Grant {
    return put(this.#accessTokens, {
      value: this.#preset.newAccessToken(),
      ...(login && { login }),
      expires: this.#now() + lifetime * 1000,
    });
  }

  newRefreshToken(login: Login, expires: number): Grant {
    return put(this.#refreshTokens, {
      value: this.#preset.newRefreshToken(),
      login,
      expires,
    });
  }

  code(value: string): Grant | undefined {
    return this.#codes.get(value);
  }

  refreshToken(value: string): Grant | undefined {
    return this.#refreshTokens.get(value);
  }

  accessToken(value: string): Grant | undefined {
    return this.#accessTokens.get(value);
  }

  /** Returns why a grant is invalid; undefined when it is valid. */
  whyDead(grant: Grant | undefined, what: string): string | undefined {
    if (grant === undefined) return `the ${what} was never issued here`;
    if (grant.login?.dead !== undefined) {
      return `the ${what} is dead: ${grant.login.dead}`;
    }
    if (grant.dead !== undefined) return `the ${what} is dead: ${grant.dead}`;
    const late = this.#now() - grant.expires;
    return late < 0
      ? undefined
      : `the ${what} expired ${Math.floor(late / 1000)} s ago`;
  }

  killRefreshTokens(why: string): void {
    for (const grant of this.#refreshTokens.values()) grant.dead ??= why;
  }

  killAll(why: string): void {
    for (const map of this.#maps()) {
      for (const grant of map.values()) grant.dead ??= why;
    }
  }

  /** Counts the valid ones of each kind. */
  alive(): { codes: number; accessTokens: number; refreshTokens: number } {
    const [codes = 0, accessTokens = 0, refreshTokens = 0] = this.#maps().map(
      (map) =>
        [...map.values()].filter((grant) =>
          this.whyDead(grant, "") === undefined
        ).length,
    );
    return { codes, accessTokens, refreshTokens };
  }

  #maps(): Map<string, Grant>[] {
    return [this.#codes, this.#accessTokens, this.#refreshTokens];
  }
}

function put(map: Map<string, Grant>, grant: Grant): Grant {
  map.set(grant.value, grant);
  if (map.size > LIMIT) {
    for (const oldest of map.keys()) {
      map.delete(oldest);
      break;
    }
  }
  return grant;
}
