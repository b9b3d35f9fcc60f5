/**
 * The process that `tools/torture.ts` kills. It reports every durable write on
 * stdout: the name of the token, in a line.
 *
 * `torture_child.ts write DIRECTORY FILE` saves tokens of different lengths.
 * `torture_child.ts refresh` refreshes; its settings are in the environment. What
 * cannot be refreshed for now, as on a full disk, is refreshed again.
 * `torture_child.ts lock DIRECTORY FILE` takes the locks of the tokens in turns.
 * `torture_child.ts follow URL` asks for tokens as a script does, and sends each to
 * the API of the broker at that URL; what is refused, and more than unreachable, is a line.
 * `torture_child.ts fill DIRECTORY` fills the disk and empties it, in turns.
 */
import {
  AccessToken,
  type Authorization,
  authorize,
  DiskCache,
  RefreshToken,
  TdauthError,
} from "../mod.ts";
import { lockWrites } from "../src/system/atomic_file.ts";
import { madeToken } from "./torture_tokens.ts";
import { FILLER } from "./torture_filler.ts";
import { StoredTokens } from "../src/cache/stored_tokens.ts";

const [work, directory = "", file = ""] = Deno.args;
const encoder = new TextEncoder();
const say = (line: string) =>
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));

if (work === "write") {
  const cache = new DiskCache(directory, file);
  for (let count = 1;; count++) {
    await new StoredTokens(cache).save({
      accessToken: new AccessToken({
        token: madeToken("A", count),
        expiresIn: 1800,
      }),
      refreshToken: new RefreshToken({
        token: madeToken("R", count),
        expiresIn: 604_800,
      }),
    }, "refresh");
    say(String(count));
  }
}

const nap = () =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * 15));

if (work === "lock") {
  Deno.mkdirSync(`${directory}/${FILLER}`);
  const cache = new DiskCache(directory, file);
  while (true) {
    await cache.exclusive("refresh", nap);
    {
      using _lock = lockWrites(cache.path);
      await nap();
    }
    say("held");
    await nap();
  }
}
if (work === "fill") {
  const chunk = new Uint8Array(8192);
  const path = `${directory}/${FILLER}`;
  while (true) {
    Deno.mkdirSync(path, { recursive: true });
    let full = false;
    for (let size = 8192; size >= 512 && !full; size /= 2) {
      try {
        for (let part = 0; part < 1000; part++) {
          Deno.writeFileSync(
            `${path}/${size}-${part}`,
            chunk.subarray(0, size),
          );
        }
      } catch {
        full = size === 512;
      }
    }
    if (!full) throw new Error("the disk is never full");
    say("full");
    await nap();
    Deno.removeSync(path, { recursive: true });
    await nap();
  }
}
if (work === "follow") {
  while (true) {
    try {
      const td = await authorize({ interactive: false, log: () => {} });
      const token = await td.token();
      if (td.refreshToken.token !== undefined) say("a refresh token is here");
      const answer = await fetch(
        `${directory}/trader/v1/accounts/accountNumbers`,
        {
          headers: { authorization: `Bearer ${token}` },
        },
      );
      await answer.body?.cancel();
      if (answer.ok) say("got");
      else if (td.accessToken.valid) { // it has not ended on its way
        say(`refused with ${td.accessToken.remaining} seconds left`);
        await td.refresh(token);
      }
    } catch (error) {
      if (!(error instanceof TdauthError)) throw error;
      say(`${error.code}: ${error.message}`);
    }
    await nap();
  }
}
let authorization: Authorization | undefined;
while (true) {
  try {
    authorization ??= await authorize({ interactive: false, log: () => {} });
    say(String(await authorization.refresh()));
  } catch (error) {
    const transient = error instanceof TdauthError &&
      (error.code === "cache_unreadable" || error.code === "busy");
    if (!transient) throw error;
    await nap();
  }
}
