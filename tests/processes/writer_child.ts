/**
 * Sets one property of the cache again and again: `writer_child.ts DIRECTORY
 * accessToken|refreshToken WRITER TIMES END`. The tokens are `WRITER-COUNT-` and
 * a filling that makes each write another length. It writes so many times, and
 * then on until the barrier at the port END is lifted, so that all writers write
 * for as long as any has not done; prints how often it wrote. Exits with 1 when
 * it reads a state that cannot have been, and tells it on stderr.
 */
import { AccessToken, DiskCache, RefreshToken } from "../../mod.ts";
import { released } from "./barrier.ts";
import { tokensIn } from "../tokens_in.ts";

const [directory = "", property = "", writer = "", times = "", end] = Deno.args;
const cache = new DiskCache(directory, "tokens");
const seen = new Map<string, number>();

/** Looks at a token: whole, and no older than what was seen of its writer before. */
function look(text: string): void {
  const [, from = "", count = "", filling = ""] =
    /^(\w+)-(\d+)-(x*)$/.exec(text) ?? [];
  if (filling.length !== lengthOf(Number(count))) {
    throw new Error(`torn: ${text.slice(0, 30)}`);
  }
  if (Number(count) < (seen.get(from) ?? 0)) {
    throw new Error(
      `${writer} read ${from}'s number ${count} after ${seen.get(from)}`,
    );
  }
  seen.set(from, Number(count));
}

function lengthOf(count: number): number {
  return (count * 7919) % 20_000;
}

await released();
let ended = false;
let count = 0;
while (!ended) {
  count++;
  const token = `${writer}-${count}-${"x".repeat(lengthOf(count))}`;
  if (property === "accessToken") {
    cache.accessToken = new AccessToken({ token, expiresIn: 60 });
  } else {
    cache.refreshToken = new RefreshToken({ token, expiresIn: 60 });
  }
  seen.set(writer, count);
  const { accessToken, refreshToken } = await tokensIn(cache).load();
  for (const token of [accessToken, refreshToken]) {
    if (token.token !== undefined) look(token.token);
  }
  if (count === Number(times)) released(end).then(() => ended = true);
  if (count >= Number(times)) {
    // It has done its part, and lets the others do theirs.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
Deno.stdout.writeSync(new TextEncoder().encode(`${count}`));
