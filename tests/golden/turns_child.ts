/**
 * A process of the code of today, or of that of c2180da, that takes turns:
 * `turns_child.ts old|new WHERE WORK ROUNDS LOG`. WHERE is the path of a token
 * file, or the URL of a Redis. WORK is `refresh` or `login`; each time it wants a
 * turn, has it and ends it, it says so in the log, where all see it in one order.
 * With `write` it sets one token of the file again and again, the old code the
 * access token and the new the refresh token, and fails when one is lost.
 */
import {
  AccessToken,
  DiskCache,
  type ExclusiveWork,
  RefreshToken,
} from "@tdauth/tdauth";
import { connectRedis } from "@tdauth/tdauth/redis";
import { released } from "../processes/barrier.ts";
import { loadOld } from "./old.ts";

const [side = "", where = "", work = "", rounds = "", log = ""] = Deno.args;
await using stack = new AsyncDisposableStack();
const old = await loadOld();

/** What both codes have. */
interface Turns {
  exclusive(work: ExclusiveWork, run: () => Promise<void>): Promise<void>;
}

/** The file, by either code. */
function file() {
  const [directory = "", name = ""] = where.split(/\/(?=[^/]*$)/);
  const Cache = side === "old" ? old.DiskCache : DiskCache;
  return new Cache(directory, name);
}

async function turns(): Promise<Turns> {
  if (!where.startsWith("redis:")) return file();
  const connect = side === "old" ? old.connectRedis : connectRedis;
  return stack.use(await connect({ url: where })).cacheFor("user");
}

const delay = (most: number) =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * most));

if (work === "write") {
  const cache = file();
  await released();
  for (let count = 1; count <= Number(rounds); count++) {
    const token = `${side}-${count}`;
    if (side === "old") cache.accessToken = new AccessToken(data(token));
    else cache.refreshToken = new RefreshToken(data(token));
    await delay(2);
    const now = side === "old" ? cache.accessToken : cache.refreshToken;
    if (now.token !== token) throw new Error(`${token} was lost: ${now.token}`);
  }
} else if (work === "refresh" || work === "login") {
  const cache = await turns();
  using events = Deno.openSync(log, { append: true });
  const say = (what: string) =>
    events.writeSync(new TextEncoder().encode(`${side} ${what}\n`));
  await released();
  for (let round = 0; round < Number(rounds); round++) {
    say("wants");
    await cache.exclusive(work, async () => {
      say("enters");
      await delay(6);
      say("leaves");
    });
    await delay(6);
  }
} else throw new Error(`no such work: ${work}`);

function data(token: string) {
  return { token, expiresIn: 1800 };
}
