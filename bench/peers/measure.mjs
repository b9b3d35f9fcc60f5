// deno-lint-ignore-file explicit-module-boundary-types -- plain JavaScript, for Node
/**
 * What a peer's script does with the way its library gives a cached token:
 * prints it, or, with `calls ROUNDS`, how many microseconds a call takes in this
 * process beside an object whose expiry is looked at.
 *
 * `node SCRIPT TOKEN_FILE [calls ROUNDS]`
 */
import { readFileSync } from "node:fs";
import process from "node:process";

const [, , path, mode, rounds] = process.argv;

/** The tokens of tdauth's file, as these libraries name them. */
export function stored() {
  const { access_token, refresh_token } = JSON.parse(
    readFileSync(path, "utf8"),
  );
  return {
    accessToken: access_token.token,
    refreshToken: refresh_token.token,
    expiresAt: 1000 * (access_token.access_time + access_token.expires_in),
  };
}

/**
 * Does what the arguments say.
 *
 * @param {() => Promise<string>} getToken The library's way.
 */
export async function answer(getToken) {
  if (mode !== "calls") {
    process.stdout.write(`${await getToken()}\n`);
    process.exit(0);
  }
  const kept = stored();
  // deno-lint-ignore require-await -- what is compared is awaited as well
  const floor = async () => {
    if (kept.expiresAt - Date.now() > 60_000) return kept.accessToken;
    throw new Error("expired");
  };
  const times = { floor: [], call: [] };
  for (let round = -3; round < Number(rounds); round++) {
    for (const [name, run] of [["floor", floor], ["call", getToken]]) {
      const start = performance.now();
      for (let call = 0; call < 20_000; call++) await run();
      const took = (performance.now() - start) / 20; // microseconds a call
      if (round >= 0) times[name].push(took);
    }
  }
  process.stdout.write(JSON.stringify(times));
  process.exit(0);
}
