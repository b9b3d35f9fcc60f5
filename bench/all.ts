// deno-lint-ignore-file no-console -- a bench talks to its user
/**
 * Measures everything and writes it into docs/performance.md,
 * docs/pictures/performance.svg and README.md; run it on an idle machine.
 *
 * `deno task bench`: all of them, about ten minutes. `deno task bench --quick`:
 * few rounds, writes nothing. `deno task bench startup|calls|login|refresh|
 * serve|web […]`: one of them, printed; `profiles` is only printed.
 */
import { fileURLToPath } from "node:url";
import { plot } from "./plot.ts";
import { filled, markdown, type Report, targetTable } from "./report.ts";
import { wrongDeno } from "./wrong_deno.ts";
import { denoProcess } from "../tools/deno.ts";
import { fetchPackagesOrExit } from "../tools/fetch_packages.ts";

const BENCHES = [
  "startup",
  "calls",
  "login",
  "refresh",
  "serve",
  "web",
] as const;
/** Those that are printed alone, and are in no page. */
const ALONE = ["profiles"] as const;
const PAGE = new URL("../docs/performance.md", import.meta.url);
const README = new URL("../README.md", import.meta.url);
const PICTURE = new URL("../docs/pictures/performance.svg", import.meta.url);

const wrong = wrongDeno();
if (wrong !== undefined) {
  console.error(wrong);
  Deno.exit(1);
}
await fetchPackagesOrExit();
const [name, ...rest] = Deno.args;
if (name !== undefined && !name.startsWith("-")) {
  const all = [...BENCHES, ...ALONE];
  if (!all.some((one) => one === name)) {
    console.error(`there is no bench "${name}": ${all.join(", ")}`);
    Deno.exit(2);
  }
  const { code } = await bench(name, rest, "inherit");
  Deno.exit(code);
}
if (name === "--quick") {
  for (const one of BENCHES) {
    console.log(`\n${one}\n`);
    const { success } = await bench(one, ["--quick"], "inherit");
    if (!success) Deno.exit(1);
  }
} else if (name === undefined) await writeAll();
else {
  console.error("usage: deno task bench [--quick | NAME …]");
  Deno.exit(2);
}

/** Measures everything and writes the page, its picture and the README's table. */
async function writeAll(): Promise<void> {
  const machine = machineFacts();
  const load = Deno.loadavg()[0] ?? 0;
  const busy = busyNote(load, navigator.hardwareConcurrency);
  const since = performance.now();
  const reports: Report[] = [];
  for (const one of BENCHES) {
    console.error(`${one} …`);
    const { success, stdout } = await bench(one, ["--json"], "piped");
    if (!success) Deno.exit(1);
    reports.push(JSON.parse(new TextDecoder().decode(stdout)));
  }
  const minutes = (performance.now() - since) / 60_000;
  let page = Deno.readTextFileSync(PAGE);
  for (const { tables } of reports) {
    for (const [part, table] of Object.entries(tables)) {
      page = filled(page, part, markdown(table));
    }
  }
  const of = <T>(pick: (report: Report) => readonly T[] | undefined) =>
    reports.flatMap((report) => pick(report) ?? []);
  page = filled(
    page,
    "targets",
    markdown(targetTable(of(({ targets }) => targets))),
  );
  page = filled(
    page,
    "machine",
    [
      `${machine}.${busy} The run took ${minutes.toFixed(1)} minutes.`,
      ...of(({ notes }) => notes),
    ].join(" "),
  );
  Deno.writeTextFileSync(PAGE, page);
  let readme = Deno.readTextFileSync(README);
  for (const { readme: tables = {} } of reports) {
    for (const [part, table] of Object.entries(tables)) {
      readme = filled(readme, part, markdown(table));
    }
  }
  Deno.writeTextFileSync(README, readme);
  Deno.writeTextFileSync(
    PICTURE,
    plot(of(({ bars }) => bars), [
      "Medians, from the start of the process to its end; × is against the first bar of its group.",
      machine,
      ...(busy === "" ? [] : [busy.trim()]),
    ]),
  );
  await denoProcess(
    [
      "fmt",
      "--quiet",
      ...[PAGE, PICTURE, README].map((url) => fileURLToPath(url)),
    ],
  ).output();
  console.error(
    "docs/performance.md, docs/pictures/performance.svg and README.md written",
  );
}

/** What a load means for the figures: with more to do than cores, waiting for one is most of every time, and pulls the ratios towards 1. */
function busyNote(load: number, cores: number): string {
  if (load <= 0.5) return "";
  return ` It was busy (load ${load.toFixed(1)}): ${
    load > cores
      ? "the ratios are too close to 1, and no figure counts."
      : "trust the ratios alone."
  }`;
}

/** Runs one in its own process, so that none measures what another left behind. */
function bench(
  name: string,
  args: readonly string[],
  stdout: "inherit" | "piped",
): Promise<Deno.CommandOutput> {
  return denoProcess([
    "run",
    "-A",
    // Places to measure at come from the tests, and so does a broker.
    `--config=${fileURLToPath(new URL("../tests/deno.json", import.meta.url))}`,
    fileURLToPath(new URL(`${name}.ts`, import.meta.url)),
    ...args,
  ], { stdout, stderr: "inherit" }).output();
}

/** Describes the machine, without its name or a path. */
function machineFacts(): string {
  const cores = navigator.hardwareConcurrency;
  const date = new Date().toLocaleDateString("en-GB", { dateStyle: "long" });
  return `${date}, ${cores} cores, ${system()}, Deno ${Deno.version.deno}`;
}

function system(): string {
  try {
    const text = Deno.readTextFileSync("/etc/os-release");
    const name = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(text)?.[1];
    if (name !== undefined) return `${name} ${Deno.build.arch}`;
  } catch {
    // Not a Linux that says its name.
  }
  return `${Deno.build.os} ${Deno.build.arch}`;
}
