// deno-lint-ignore-file no-console -- a bench talks to its user
/**
 * How long a login takes apart from the user: from the call to the browser's
 * opening, and from the redirect to the answers, each in a new process.
 *
 * `deno run -A bench/login.ts [ROUNDS]`
 */
import { startSandbox } from "../src/sandbox/mod.ts";
import { median } from "./interleaved.ts";

const rounds = Number(Deno.args[0] ?? 15);
const cases = [
  {
    name: "http",
    broker: "tdameritrade",
    callbackUrl: "http://localhost:18190",
    keep: true,
  },
  {
    name: "https, certificate kept",
    broker: "schwab",
    callbackUrl: "https://127.0.0.1:18191",
    keep: true,
  },
  {
    name: "https, certificate made",
    broker: "schwab",
    callbackUrl: "https://127.0.0.1:18192",
    keep: false,
  },
] as const;

const times = cases.map((): {
  opened: number;
  redirect: number;
  page: number;
}[] => []);
const child = new URL("login_child.ts", import.meta.url).pathname;
for (let round = -1; round < rounds; round++) {
  for (const [index, { broker, callbackUrl, keep }] of cases.entries()) {
    await using sandbox = await startSandbox({ broker, callbackUrl });
    const directory = `${
      Deno.env.get("TMPDIR") ?? "/tmp"
    }/tdauth_bench_login_${index}`;
    Deno.mkdirSync(directory, { recursive: true });
    for (const { name } of Deno.readDirSync(directory)) {
      if (!keep || name !== "certificate.json") {
        Deno.removeSync(`${directory}/${name}`);
      }
    }
    const { consumerKey, consumerSecret } = sandbox.app;
    const { stdout, stderr, success } = await new Deno.Command(
      Deno.execPath(),
      {
        args: [
          "run",
          "-A",
          child,
          sandbox.url,
          callbackUrl,
          directory,
          broker,
          consumerKey,
          ...(consumerSecret ? [consumerSecret] : []),
        ],
      },
    ).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const result = JSON.parse(new TextDecoder().decode(stdout));
    if (result.status !== 200) {
      throw new Error(`the end page had the status ${result.status}`);
    }
    if (round >= 0) times[index]?.push(result);
  }
}
for (const index of cases.keys()) {
  Deno.removeSync(
    `${Deno.env.get("TMPDIR") ?? "/tmp"}/tdauth_bench_login_${index}`,
    { recursive: true },
  );
}
console.log(
  `Deno ${Deno.version.deno}, medians of ${rounds} rounds, in milliseconds\n`,
);
console.log(
  "| callback | call to browser opened | redirect to 303 | 303 to end page, exchange included |\n|---|---|---|---|",
);
for (const [index, { name }] of cases.entries()) {
  const of = (key: "opened" | "redirect" | "page") =>
    median((times[index] ?? []).map((time) => time[key])).toFixed(1);
  console.log(
    `| ${name} | ${of("opened")} | ${of("redirect")} | ${of("page")} |`,
  );
}
