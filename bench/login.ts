/**
 * Measures a login without the user's part: from the call to the browser's
 * opening, and from the redirect to the responses, each in a new process.
 *
 * `deno task bench login [ROUNDS] [--quick] [--json]`
 */
import { fileURLToPath } from "node:url";
import { startSandbox } from "../src/sandbox/mod.ts";
import { reservePort, temporaryDirectory } from "../tests/support.ts";
import { median } from "./interleaved.ts";
import { benchArguments, print } from "./report.ts";
import { denoProcess } from "../tools/deno.ts";

const { rounds } = benchArguments(21, 3);
using reserved = reservePort();
await using temporary = temporaryDirectory();
const { port } = reserved;
const child = fileURLToPath(new URL("login_child.ts", import.meta.url));
const cases = [
  {
    name: "http",
    broker: "tdameritrade",
    callbackUrl: `http://localhost:${port}`,
    keep: true,
  },
  {
    name: "https, certificate kept",
    broker: "schwab",
    callbackUrl: `https://127.0.0.1:${port}`,
    keep: true,
  },
  {
    name: "https, certificate made",
    broker: "schwab",
    callbackUrl: `https://127.0.0.1:${port}`,
    keep: false,
  },
] as const;
type Case = typeof cases[number];

/** Milliseconds. */
interface Times {
  readonly opened: number;
  readonly redirect: number;
  readonly page: number;
}

const times = cases.map((): Times[] => []);
for (let round = -1; round < rounds; round++) {
  for (const [index, one] of cases.entries()) {
    const measured = await login(one, `${temporary.path}/${index}`);
    if (round >= 0) times[index]?.push(measured);
  }
}
print({
  tables: {
    login: {
      head: [
        `callback (${rounds} rounds, medians)`,
        "call to browser opened, ms",
        "redirect to 303, ms",
        "303 to end page, exchange included, ms",
      ],
      rows: cases.map(({ name }, index) => {
        const of = (key: keyof Times) =>
          median((times[index] ?? []).map((time) => time[key])).toFixed(1);
        return [name, of("opened"), of("redirect"), of("page")];
      }),
    },
  },
});

/** One login in its own process, which uses a stored certificate if there is one. */
async function login(
  { broker, callbackUrl, keep }: Case,
  directory: string,
): Promise<Times> {
  await using sandbox = await startSandbox({ broker, callbackUrl });
  Deno.mkdirSync(directory, { recursive: true });
  for (const { name } of Deno.readDirSync(directory)) {
    if (!keep || name !== "certificate.json") {
      Deno.removeSync(`${directory}/${name}`);
    }
  }
  const { consumerKey, consumerSecret } = sandbox.app;
  const { stdout, stderr, success } = await denoProcess([
    "run",
    "-A",
    child,
    sandbox.url,
    callbackUrl,
    directory,
    broker,
    consumerKey,
    ...(consumerSecret ? [consumerSecret] : []),
  ]).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const result = JSON.parse(new TextDecoder().decode(stdout));
  if (result.status !== 200) {
    throw new Error(`the end page had the status ${result.status}`);
  }
  return result;
}
