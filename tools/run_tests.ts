// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Runs every test and every example in the docs, and fails when one fails or, in
 * CI, when one is ignored that this system could run. A test that needs something
 * beyond npm that this machine lacks is ignored, with its reason.
 *
 * All packages are downloaded before the first test, and no test may download
 * any: a child process with another home directory or environment could not.
 *
 * All output of the tests is searched for the secrets that they use.
 *
 * `--coverage` measures the coverage as well.
 */
import { fileURLToPath } from "node:url";
import { findCanaries } from "../tests/canary.ts";
import { deno } from "./deno.ts";
import { fetchPackagesOrExit } from "./fetch_packages.ts";
import { failedTests } from "./failed.ts";
import { ignoredTests, mayBeIgnored } from "./ignored.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const args = [...Deno.args];
const coverage = takeFlag("--coverage");
const everything = args.length === 0;
const ci = Deno.env.get("CI") === "true";

await fetchPackagesOrExit();
const locks = lockFiles();
const output = await run(deno(
  "test",
  "-A",
  "--config=tests/deno.json",
  "--parallel",
  ...(coverage ? ["--coverage=coverage", "--clean"] : []),
  // Not ".": that is the configuration's directory, without the examples.
  ...(everything
    ? ["--doc", "tests", "src", "docs", "mod.ts", "README.md"]
    : args),
));
const [passed, failed, ignored] = totals(output.text);
if (coverage && output.code === 0) {
  await run(deno(
    "coverage",
    "coverage",
    "--exclude=(tests|tools|bench|examples)/",
  ));
}
// Last, because often only the end of a long log is shown.
for (const failure of failedTests(plain(output.text))) console.log(failure);
console.log(`\n${passed} passed, ${failed} failed, ${ignored} skipped`);
if (output.code !== 0 || failed > 0 || passed === 0) Deno.exit(1);
const leaks = findCanaries(output.text);
if (leaks.length > 0) {
  console.error(`a secret was printed:\n${leaks.join("\n")}`);
  Deno.exit(1);
}
if (lockFiles() !== locks) {
  console.error("a test changed deno.lock or tests/deno.lock: see git diff");
  Deno.exit(1);
}
if (ci && everything) {
  const names = ignoredTests(plain(output.text));
  const wrong = names.filter((name) =>
    !mayBeIgnored(name, Deno.build.os, Deno.uid() === 0)
  );
  if (wrong.length > 0 || names.length !== ignored) {
    console.error(
      `${ignored} tests were ignored; in CI on this system these may not be:\n${
        wrong.join("\n")
      }`,
    );
    Deno.exit(1);
  }
}

/** The variables by which a child would find other packages. */
function lockFiles(): string {
  return ["deno.lock", "tests/deno.lock"]
    .map((path) => Deno.readTextFileSync(`${root}${path}`)).join();
}

/** Removes colors from a text. */
function plain(text: string): string {
  // deno-lint-ignore no-control-regex -- colors
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}

function takeFlag(flag: string): boolean {
  const at = args.indexOf(flag);
  if (at >= 0) args.splice(at, 1);
  return at >= 0;
}

async function run(
  [program, ...words]: [string, ...string[]],
): Promise<{ code: number; text: string }> {
  const child = new Deno.Command(program, {
    args: words,
    cwd: root,
    stdout: "piped",
    stderr: "piped",
    env: { DENO_NO_PROMPT: "1" },
  }).spawn();
  const texts = await Promise.all([
    pass(child.stdout, Deno.stdout),
    pass(child.stderr, Deno.stderr),
  ]);
  return { code: (await child.status).code, text: texts.join("\n") };
}

/** Passes an output on as it comes, and returns it. */
async function pass(
  from: ReadableStream<Uint8Array>,
  to: { writeSync(bytes: Uint8Array): number },
): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of from) {
    let written = 0;
    while (written < chunk.length) {
      written += to.writeSync(chunk.subarray(written));
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

function totals(text: string): [number, number, number] {
  const count = (word: string) =>
    Math.max(
      0,
      ...[...plain(text).matchAll(new RegExp(`(\\d+) ${word}`, "g"))].slice(-1)
        .map((
          [, n],
        ) => Number(n)),
    );
  return [count("passed"), count("failed"), count("ignored")];
}
