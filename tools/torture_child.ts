/**
 * The process that `tools/torture.ts` kills. It reports every durable write on
 * stdout: the name of the token, in a line.
 *
 * `torture_child.ts write DIRECTORY FILE` saves tokens of different lengths.
 * `torture_child.ts refresh` refreshes; its settings are in the environment.
 */
import { AccessToken, authorize, DiskCache, RefreshToken } from "../mod.ts";
import { madeToken } from "./torture_tokens.ts";
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
const authorization = await authorize({ interactive: false, log: () => {} });
while (true) say(String(await authorization.refresh()));
