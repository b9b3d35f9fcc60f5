/** Kills `tdauth serve` at random moments while followers and `tdauth token` ask for tokens. */
import { delay } from "../src/base/delay.ts";
import { fileURLToPath } from "node:url";
import { type Sandbox, startSandbox } from "../src/sandbox/mod.ts";
import { denoProcess } from "./deno.ts";
import {
  type Asker,
  startFollower,
  startTokens,
  TOO_SLOW,
} from "./torture_askers.ts";
import { logIn, wrongBroker } from "./torture_broker.ts";
import { type Gate, startGate } from "./torture_gate.ts";
import {
  type Count,
  goOn,
  look,
  lose,
  newCount,
  noteLock,
} from "./torture_tries.ts";
import { storeOf } from "./torture_trouble.ts";

const CLI = fileURLToPath(new URL("../cli.ts", import.meta.url));
/** How long an access token lives, in seconds. */
const LIFE = 5;
/** How long a refresh is under way, in milliseconds. */
const STAY = 150;
/** How long the keeper lives at most after it is up, in milliseconds. */
const WITHIN = 1500;
/** How long the keeper may take to be up, in milliseconds. */
const NEVER = 180_000;

/**
 * Kills `tdauth serve` again and again, at a broker that rotates refresh tokens and
 * kills a login whose old one is sent.
 *
 * @param tries How often.
 * @returns What became of the tokens.
 */
export async function tortureKeeper(tries: number): Promise<Count> {
  const count = newCount("serve, two followers and tdauth token");
  const directory = Deno.makeTempDirSync({ prefix: "tdauth_torture_" });
  try {
    await using broker = await startSandbox({
      broker: "schwab",
      rotation: "kill",
      accessTokenLifetime: LIFE,
      callbackUrl: "https://127.0.0.1:18198",
    });
    await using gate = startGate(broker, STAY);
    const scene = new Scene(broker, gate, `${directory}/keeper`);
    await scene.logIn();
    const { askers } = scene;
    try {
      askers.push(
        startFollower(`${directory}/a`, scene.socket, gate.url),
        startFollower(`${directory}/b`, scene.socket, gate.url),
        startTokens(scene.home),
      );
      while (count.tries < tries) await scene.killOne(count);
    } finally {
      for (const asker of askers) await asker[Symbol.asyncDispose]();
    }
    if (gate.most() !== 1) lose(count, `${gate.most()} refreshes at once`);
    for (const { name, got } of askers) {
      if (got() === 0) lose(count, `${name} never got a token`);
    }
    for (const follower of ["a", "b"]) {
      const path = `${directory}/${follower}/follower`;
      const { refresh_token } = JSON.parse(Deno.readTextFileSync(path));
      if (refresh_token?.token) lose(count, "a follower has a refresh token");
    }
    await scene.prove(count);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  return count;
}

/** A keeper and its broker, with what stands between. */
class Scene {
  readonly home: string;
  readonly socket: string;
  readonly askers: Asker[] = [];
  readonly #broker: Sandbox;
  readonly #gate: Gate;
  /** What the broker had issued last when the user logged in. */
  #issued: string | undefined;
  /** Whether the last try lost an answer: what others held then works no more. */
  #lost = false;

  constructor(broker: Sandbox, gate: Gate, home: string) {
    this.#broker = broker;
    this.#gate = gate;
    this.home = home;
    this.socket = `${home}/run/keeper.sock`;
    Deno.mkdirSync(home, { mode: 0o700 });
    const { consumerKey, consumerSecret, callbackUrl } = broker.app;
    const profile = {
      provider: "schwab",
      sandbox: gate.url,
      consumerKey,
      consumerSecret,
      callbackUrl,
      // The preset says no, and space is reserved for what rotates alone.
      rotatesRefreshToken: "true",
    };
    Deno.writeTextFileSync(
      `${home}/config.json`,
      JSON.stringify({ version: 1, profiles: { default: profile } }),
      { mode: 0o600 },
    );
  }

  /** The broker as programs see it. */
  get #seen(): Pick<Sandbox, "app" | "url"> {
    return { app: this.#broker.app, url: this.#gate.url };
  }

  /** Logs in, in turn with those that refresh: else they would write over it what they know of the old tokens. */
  async logIn(): Promise<void> {
    const store = await storeOf(this.#seen, this.home);
    await store.exclusive("refresh", async () => {
      await logIn(this.#broker, this.home, this.#gate.url);
      this.#issued = this.#gate.last();
    });
  }

  /** Starts a keeper and kills it: at some moment, or while a refresh is under way. */
  async killOne(count: Count): Promise<void> {
    const gate = this.#gate;
    const child = denoProcess(["run", "-A", CLI, "serve"], {
      env: { TD_CONFIG_DIR: this.home, NO_COLOR: "1" },
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const said = new Response(child.stderr).text();
    await this.#isUp(child);
    const moment = Math.random() * WITHIN;
    if (count.tries % 2 === 0) {
      await Promise.race([gate.next(), delay(2 * LIFE * 1000)]);
      await delay(Math.random() * 2 * STAY);
    } else await delay(moment);
    child.kill("SIGKILL");
    const { signal } = await child.status;
    count.tries++;
    if (signal !== "SIGKILL") lose(count, `it ended by itself: ${await said}`);
    const store = await storeOf(this.#seen, this.home);
    const since = performance.now();
    const lost = await store.exclusive("refresh", async () => {
      noteLock(count, since);
      await gate.idle();
      const { refreshToken, refreshPending } = await store.load();
      if (refreshPending !== undefined) count.middle++;
      return this.#issued !== gate.last() && gate.last() !== refreshToken.token;
    });
    const next = await goOn(this.#seen, this.home);
    if (next?.code === "login_needed" && lost) {
      count.lostAnswers++;
      await this.logIn();
    } else if (next !== undefined && !TOO_SLOW.test(next.message)) {
      lose(count, `${next.message} (an answer was lost: ${lost})`);
    }
    for (const asker of this.askers) {
      for (const why of asker.troubles(lost || this.#lost)) lose(count, why);
    }
    this.#lost = lost;
    look(count, this.home, `${this.home}/${this.#broker.app.consumerKey}`);
  }

  /** Waits until a keeper listens. */
  async #isUp(child: Deno.ChildProcess): Promise<void> {
    const start = performance.now();
    let ended = false;
    child.status.then(() => ended = true);
    while (!ended && performance.now() - start < NEVER) {
      try {
        (await Deno.connect({ transport: "unix", path: this.socket })).close();
        return;
      } catch {
        await delay(10);
      }
    }
  }

  /** The premise: a refresh token that was replaced is refused, and ends the login. */
  async prove(count: Count): Promise<void> {
    const store = await storeOf(this.#seen, this.home);
    const first = String((await store.load()).refreshToken);
    const error = await goOn(this.#seen, this.home);
    if (error !== undefined && !TOO_SLOW.test(error.message)) {
      return lose(count, error.message);
    }
    const wrong = await wrongBroker(this.#broker, {
      rotation: "kill",
      first,
      stored: await store.load(),
    });
    if (wrong === undefined) count.proven = count.tries;
    else {
      count.unproven++;
      count.troubles.push(wrong);
    }
  }
}
