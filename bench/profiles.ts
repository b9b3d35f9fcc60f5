/**
 * Measures the commands of a user with many profiles: each in a new process, on a
 * configuration directory with 1, 1,000 and 10,000 of them.
 *
 * `deno task bench profiles [ROUNDS] [--quick] [--json]`
 */
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "../tests/support.ts";
import { median } from "./interleaved.ts";
import { benchArguments, print } from "./report.ts";
import { denoProcess } from "../tools/deno.ts";

const { rounds } = benchArguments(5, 1);
const CLI = fileURLToPath(new URL("../cli.ts", import.meta.url));
const COUNTS = rounds === 1 ? [1, 1000] : [1, 1000, 10_000];
const DAY = 86_400;
/** The commands, and what their output shows of the profiles. */
const COMMANDS = {
  token: { args: ["token"], shows: () => /^A0x*\n$/ },
  status: { args: ["status"], shows: () => /Charles Schwab/ },
  Tab: {
    args: ["complete", "--", "--profile", "user-9"],
    shows: (count: number) => new RegExp(`^${last(count)}\t`, "m"),
  },
  doctor: { args: ["doctor", "--offline"], shows: () => /access token/ },
  // The last one, for it leaves no tokens.
  "logout --all": {
    args: ["logout", "--all", "--json"],
    shows: (count: number) =>
      new RegExp(`"${last(count)}"\\s*\\],\\s*"revoked"`),
  },
} as const;
type Name = keyof typeof COMMANDS;

await using temporary = temporaryDirectory();
const times = new Map<string, number[]>();
for (let round = 0; round < rounds; round++) {
  for (const count of COUNTS) {
    const directory = `${temporary.path}/${count}`;
    makeProfiles(directory, count);
    for (const name of names()) {
      const key = `${name} ${count}`;
      times.set(key, [
        ...times.get(key) ?? [],
        await run(name, directory, count),
      ]);
    }
  }
}
print({
  tables: {
    profiles: {
      head: [
        `command (${rounds} rounds, medians, seconds)`,
        ...COUNTS.map((count) => `${count} profiles`),
      ],
      rows: names().map((name) => [
        name,
        ...COUNTS.map((count) =>
          (median(times.get(`${name} ${count}`) ?? []) / 1000).toFixed(2)
        ),
      ]),
    },
  },
});

function names(): Name[] {
  return Object.keys(COMMANDS).filter((name): name is Name => name in COMMANDS);
}

function last(count: number): string {
  return count === 1 ? "default" : `user-${count - 1}`;
}

/** Makes a directory with so many logged-in profiles. */
function makeProfiles(directory: string, count: number): void {
  Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const profiles: Record<string, unknown> = {};
  const time = Math.floor(Date.now() / 1000);
  const token = (text: string, expiresIn: number) => ({
    token: text.padEnd(80, "x"),
    access_time: time,
    expires_in: expiresIn,
  });
  for (let index = 0; index < count; index++) {
    const name = index === 0 ? "default" : `user-${index}`;
    const key = `BENCHKEY${index}`;
    profiles[name] = {
      provider: "schwab",
      consumerKey: key,
      consumerSecret: "SECRET",
      callbackUrl: "https://127.0.0.1:8182",
    };
    const file = index === 0 ? key : `${name}.${key}`;
    write(`${directory}/${file}`, {
      version: 1,
      access_token: token(`A${index}`, 1800),
      refresh_token: token(`R${index}`, 7 * DAY),
      provider: "schwab",
      login_time: time,
      consumer_key: key,
    });
  }
  write(`${directory}/config.json`, { profiles });
}

function write(path: string, content: unknown): void {
  Deno.writeTextFileSync(path, JSON.stringify(content), { mode: 0o600 });
}

/** Runs a command and returns how many milliseconds it took. */
async function run(
  name: Name,
  directory: string,
  count: number,
): Promise<number> {
  const { args, shows } = COMMANDS[name];
  const began = performance.now();
  const { stdout, stderr } = await denoProcess(["run", "-A", CLI, ...args], {
    env: { TD_CONFIG_DIR: directory, NO_COLOR: "1" },
    cwd: temporary.path,
    stdout: "piped",
    stderr: "piped",
  }).output();
  const took = performance.now() - began;
  const text = new TextDecoder().decode(stdout);
  if (!shows(count).test(text)) {
    throw new Error(
      `tdauth ${name} on ${count} profiles: ${text.slice(0, 300)}${
        new TextDecoder().decode(stderr).slice(0, 300)
      }`,
    );
  }
  return took;
}
