/** Kills processes at random moments and checks what they leave behind. */
import { authorize, DiskCache, TdauthError } from "../mod.ts";
import { type Sandbox, startSandbox } from "../src/sandbox/mod.ts";
import { logIn, type Rotation, takes, wrongBroker } from "./torture_broker.ts";
import { type Outcome, Victim } from "./torture_victim.ts";
import { numberOf } from "./torture_tokens.ts";
import {
  isSealed,
  type Place,
  sealStored,
  startBeside,
  storeOf,
} from "./torture_trouble.ts";
import { StoredTokens } from "../src/cache/stored_tokens.ts";

/** The counts. */
export interface Count {
  /** What was killed. */
  readonly name: string;
  /** How many were killed. */
  tries: number;
  /** Kills that left a half-done thing: a temporary file, the mark of a refresh, or more than was reported. */
  middle: number;
  /** Files that could not be read, or had older tokens than were durable, or did not lead to a token. */
  losses: number;
  /** Rotated tokens that were lost with the response, which only the broker can prevent; reported each time. */
  lostAnswers: number;
  /** Tries after which the broker behaved as specified: it rotated, and killed a login whose old token was sent again, or neither. */
  proven: number;
  /** Tries after which it was not. */
  unproven: number;
  /** Temporary files after the next write. */
  stale: number;
  /** Locks that were not free immediately. */
  stuck: number;
  /** Files that other users could read. */
  open: number;
  /** The longest wait for a lock, in milliseconds. */
  slowestLock: number;
  /** Descriptions of the failures. */
  readonly troubles: string[];
}

/** How long, in milliseconds, a dead process's lock may block. */
const AT_ONCE = 20_000;
const FILE = "TORTURE";

/** Returns the total of all failures. */
export function troublesOf(count: Count): number {
  return count.losses + count.stale + count.stuck + count.open + count.unproven;
}

/** Kills a process that only writes. */
export async function tortureWrites(tries: number): Promise<Count> {
  const count = newCount("DiskCache writes");
  const directory = Deno.makeTempDirSync({ prefix: "tdauth_torture_" });
  try {
    while (count.tries < tries) {
      const path = `${directory}/${count.tries}`;
      const victim = new Victim(["write", path, FILE], {});
      const { reports } = await victim.killedAtRandom(12);
      const durable = Number(reports.at(-1) ?? 0);
      count.tries++;
      try {
        const half = temporaryFiles(path).length > 0;
        const stored = await new StoredTokens(new DiskCache(path, FILE)).load();
        const access = numberOf("A", stored.accessToken.token);
        const refresh = numberOf("R", stored.refreshToken.token);
        if (half || (access ?? 0) > durable) count.middle++;
        if (access !== refresh || access === undefined || access < durable) {
          lose(
            count,
            `durable was ${durable}, found are ${access} and ${refresh}`,
          );
        }
        const cache = new DiskCache(path, FILE);
        const since = performance.now();
        await new StoredTokens(cache).save(stored, "refresh");
        noteLock(count, since);
        look(count, path);
      } catch (error) {
        lose(count, String(error));
      }
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
  return count;
}

/** Kills a process that refreshes repeatedly. */
export async function tortureRefreshes(
  tries: number,
  rotation: Rotation,
  place: Place = { name: "" },
): Promise<Count> {
  const count = newCount(`refreshes, rotation "${rotation}"${place.name}`);
  while (count.tries < tries) {
    const directory = Deno.makeTempDirSync({
      prefix: "tdauth_torture_",
      ...(place.in !== undefined && { dir: place.in }),
    });
    try {
      await using broker = await startSandbox({
        broker: "schwab",
        rotation,
        callbackUrl: "https://127.0.0.1:18198",
      });
      await oneRefresh(count, broker, directory, rotation, place);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  }
  return count;
}

async function oneRefresh(
  count: Count,
  broker: Sandbox,
  directory: string,
  rotation: Rotation,
  place: Place,
): Promise<void> {
  const first = await logIn(broker, directory);
  if (place.sealed) await sealStored(broker, directory);
  const { consumerKey } = broker.app;
  await using beside = new AsyncDisposableStack();
  if (place.beside !== undefined) {
    beside.use(await startBeside(place.beside, directory, consumerKey));
  }
  const victim = new Victim(["refresh"], {
    TD_PROVIDER: "schwab",
    TD_SANDBOX: broker.url,
    TD_CONFIG_DIR: directory,
    TD_CONSUMER_KEY: broker.app.consumerKey,
    TD_CONSUMER_SECRET: broker.app.consumerSecret ?? "",
    TD_CALLBACK_URL: broker.app.callbackUrl,
    // The preset says no, and space is reserved for what rotates alone.
    TD_ROTATES_REFRESH_TOKEN: String(rotation !== "none"),
  });
  const outcome = await victim.killedAtRandom(place.beside ? 150 : 40);
  await beside.disposeAsync();
  if (place.sealed && !isSealed(`${directory}/${consumerKey}`)) {
    lose(count, "the tokens are not sealed any more");
  }
  count.tries++;
  try {
    const { access_token, refresh_token } = first;
    const reports = [access_token, ...outcome.reports];
    if (await inspect(count, broker, directory, reports)) {
      const wrong = await wrongBroker(broker, {
        rotation,
        first: refresh_token,
        stored: await (await storeOf(broker, directory)).load(),
      });
      if (wrong === undefined) count.proven++;
      else {
        count.unproven++;
        count.troubles.push(wrong);
      }
    }
  } catch (error) {
    lose(count, `${String(error)} ${outcome.stderr}`);
  }
}

/** Checks what is left, and continues from there as the next process does; returns whether it could. */
async function inspect(
  count: Count,
  broker: Sandbox,
  directory: string,
  reports: Outcome["reports"],
): Promise<boolean> {
  // A request in progress ends at the broker, too.
  await new Promise((resolve) => setTimeout(resolve, 20));
  await takes(broker, reports[0] ?? ""); // asked later, and answered after it
  const path = `${directory}/${broker.app.consumerKey}`;
  const half = temporaryFiles(directory).length > 0;
  const cache = await storeOf(broker, directory);
  const stored = await cache.load();
  const at = reports.indexOf(String(stored.accessToken));
  const newer = at < 0;
  if (half || newer || stored.refreshPending !== undefined) count.middle++;
  const newest = newer || at === reports.length - 1;
  if (!newest || !await takes(broker, String(stored.accessToken))) {
    lose(count, `number ${at} of ${reports.length} durable tokens was found`);
  }
  // The first report is the login's; a token that was not stored died with its answer.
  const stores = reports.length - 1 + (newer ? 1 : 0);
  const given =
    broker.requests.filter(({ endpoint, status, grantType }) =>
      endpoint === "token" && status === 200 && grantType === "refresh_token"
    ).length;
  const answerLost = given > stores;

  const since = performance.now();
  await cache.exclusive("refresh", () => Promise.resolve());
  noteLock(count, since);
  const next = await goOn(broker, directory);
  if (next === undefined) {
    if (
      !await takes(
        broker,
        String((await cache.load()).accessToken),
      )
    ) {
      lose(count, "the next refresh gave a token that the broker refuses");
    }
  } else if (
    answerLost &&
    next.code === "login_needed" && /lost/.test(next.message)
  ) {
    count.lostAnswers++;
  } else {
    lose(
      count,
      `the next refresh failed, ${given} given, ${stores} stored: ${next.message}`,
    );
  }
  look(count, directory, path);
  return next === undefined;
}

/** The next process: it refreshes. */
export async function goOn(
  broker: Pick<Sandbox, "app" | "url">,
  configDir: string,
): Promise<TdauthError | undefined> {
  try {
    const authorization = await authorize({
      ...broker.app,
      provider: "schwab",
      sandbox: broker.url,
      configDir,
      interactive: false,
      log: () => {},
    });
    await authorization.refresh();
    return undefined;
  } catch (error) {
    if (error instanceof TdauthError) return error;
    throw error;
  }
}

/** Checks what must hold after the next write: nothing temporary, and 0600. */
export function look(
  count: Count,
  directory: string,
  path = `${directory}/${FILE}`,
): void {
  const left = temporaryFiles(directory);
  count.stale += left.length;
  if (left.length > 0) count.troubles.push(`left over: ${left.join(" ")}`);
  const mode = (Deno.statSync(path).mode ?? 0) & 0o777;
  if (Deno.build.os !== "windows" && mode !== 0o600) {
    count.open++;
    count.troubles.push(`the file's mode is ${mode.toString(8)}`);
  }
}

function temporaryFiles(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).filter((
    name,
  ) => /\.(?:tmp|reserved)$|\.corrupt-/.test(name));
}

/** Counts a lock that has just been taken. */
export function noteLock(count: Count, since: number): void {
  const took = performance.now() - since;
  count.slowestLock = Math.max(count.slowestLock, took);
  if (took <= AT_ONCE) return;
  count.stuck++;
  count.troubles.push(`a lock was free after ${took} ms`);
}

/** Counts a loss. */
export function lose(count: Count, why: string): void {
  count.losses++;
  count.troubles.push(why);
}

/** Makes the counts of one kind of process. */
export function newCount(name: string): Count {
  return {
    name,
    tries: 0,
    middle: 0,
    losses: 0,
    lostAnswers: 0,
    proven: 0,
    unproven: 0,
    stale: 0,
    stuck: 0,
    open: 0,
    slowestLock: 0,
    troubles: [],
  };
}
