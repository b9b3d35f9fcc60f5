import type { Broker } from "./web_broker.ts";
import type { Load, Loaded } from "./web_load.ts";
import type { Worker } from "./worker.ts";

/** Users who have logged in at a broker that rotates and ends the login on reuse, and their current refresh tokens. */
export class WebUsers {
  readonly #broker: Broker;
  readonly #tokens: string[];

  /** @param tokens The refresh token of each. */
  constructor(broker: Broker, tokens: readonly string[]) {
    this.#broker = broker;
    this.#tokens = [...tokens];
  }

  /** The refresh tokens of so many of them. */
  tokens(users: number): string[] {
    return this.#tokens.slice(0, users);
  }

  /** Stores the new refresh tokens of some of them; fails unless each is new, and the replaced ones are dead. */
  async rotated(users: number, tokens: readonly string[]): Promise<void> {
    const all = new Set([...this.#tokens, ...tokens]);
    if (tokens.length !== users || all.size !== this.#tokens.length + users) {
      throw new Error("not every refresh token was rotated");
    }
    this.#tokens.splice(0, users, ...tokens);
    await this.#assertAlive(this.#tokens.length);
  }

  /** Sends a replaced refresh token; fails unless the broker ends its login. The user is gone. */
  async assertKilled(load: Worker): Promise<void> {
    const present = (token: string) =>
      load.ask<Loaded>(
        {
          ports: [this.#broker.port],
          requests: [this.#broker.refreshRequest(token)],
          connections: 1,
          tokens: true,
        } satisfies Load,
      );
    const [old = ""] = this.#tokens;
    const { tokens } = await present(old);
    await this.rotated(1, tokens);
    await present(old);
    const { failed } = await present(tokens[0] ?? "");
    if (failed !== 1) throw new Error("the broker kills no login");
    this.#tokens.shift();
    await this.#assertAlive(this.#tokens.length);
  }

  async #assertAlive(expected: number): Promise<void> {
    const alive = await this.#broker.alive();
    if (alive !== expected) {
      throw new Error(`${alive} refresh tokens are alive, not ${expected}`);
    }
  }
}
