import assert from "node:assert/strict";
import { codeGraph } from "../../tools/startup/code_graph.ts";
import { costlyCode } from "../../tools/startup/costly_code.ts";
import { loadedModules } from "../../tools/startup/loaded_modules.ts";
import {
  type Measured,
  type Project,
  startupProblems,
} from "../../tools/startup/problems.ts";

/** What is found in a file of the project, as `line: what`. */
const found = (text: string, path = "src/cli/a.ts") =>
  costlyCode(path, text).map(({ line, what }) => `${line}: ${what}`);

Deno.test("costlyCode() finds imports of anything but the project's files, run at once or later", () => {
  assert.deepEqual(
    found(`import { x } from "node:path";
      import "npm:commander@15";
      export * from "commander";
      const later = () => import("jsr:@std/async");
      import { y } from "../../tools/deno.ts";
      import z, { type T } from "oauth4webapi";`),
    [
      "1: imports node:path",
      "2: imports npm:commander@15",
      "3: imports commander",
      "4: imports jsr:@std/async",
      "5: imports ../../tools/deno.ts",
      "6: imports oauth4webapi",
    ],
  );
});

Deno.test("costlyCode() finds globals and methods that the runtime sets up when they are first used", () => {
  assert.deepEqual(
    found(`const form = new Intl.DateTimeFormat("en");
      setTimeout(() => {}, 1);
      globalThis.setInterval(() => {}, 1);
      const signal = AbortSignal.timeout(5);
      if (process.env.A) Buffer.from("");
      const text = date.toLocaleString() + 1..toLocaleString?.();
      texts.sort((a, b) => a.localeCompare(b));
      const edges = { setTimeout };`),
    [
      "1: uses Intl",
      "2: uses setTimeout",
      "3: uses setInterval",
      "4: uses AbortSignal.timeout",
      "5: uses process",
      "5: uses Buffer",
      "6: calls toLocaleString()",
      "6: calls toLocaleString()",
      "7: calls localeCompare()",
      "8: uses setTimeout",
    ],
  );
});

Deno.test("costlyCode() leaves alone what costs nothing: types, own names, keys, comments, texts", () => {
  assert.deepEqual(
    found(`// setTimeout, Intl
      import type { A } from "node:fs";
      import { type B } from "npm:x";
      export type { C } from "commander";
      import { d } from "../base/d.ts";
      import json from "../../deno.json" with { type: "json" };
      const load = () => import("./later.ts");
      type T = typeof import("commander");
      let form: Intl.NumberFormat | undefined;
      const options = { process: 1, setTimeout: 2, Buffer() {} };
      options.process; x.setTimeout(); AbortSignal.any([]);
      const text = "process Intl";
      function run(process: string) { return process; }`),
    [],
  );
  assert.deepEqual(found('import { a } from "./src/a.ts";', "cli.ts"), []);
});

Deno.test("codeGraph() has the imports that run, by paths from the root", () => {
  const module = (name: string) => ({ specifier: `file:///p/${name}` });
  const graph = codeGraph({
    modules: [
      {
        ...module("cli.ts"),
        dependencies: [
          { code: module("src/a.ts"), type: module("src/b.ts") },
          { type: module("src/c.ts") },
          { code: { specifier: "npm:commander@15" } },
        ],
      },
      module("src/a.ts"),
      { specifier: "npm:commander@15" },
    ],
  }, "file:///p/");
  assert.deepEqual([...graph], [
    ["cli.ts", ["src/a.ts", "npm:commander@15"]],
    ["src/a.ts", []],
  ]);
});

/** A project whose command `late` is a part. */
const FILES: Readonly<Record<string, string>> = {
  "cli.ts": "",
  "src/a.ts": "",
  "src/late.ts": "",
  "src/later.ts": "",
};
const project: Project = {
  graph: new Map([
    ["cli.ts", ["src/a.ts"]],
    ["src/a.ts", []],
    ["src/late.ts", ["src/a.ts", "src/later.ts"]],
    ["src/later.ts", []],
  ]),
  entry: "cli.ts",
  parts: ["src/late.ts"],
  tableRows: [],
  read: (path) => FILES[path] ?? assert.fail(path),
};
const early: Measured = {
  row: { name: "early", loads: 2, reads: 2 },
  modules: ["cli.ts", "src/a.ts"],
};
const late: Measured = {
  row: { name: "late", loads: 3, reads: 4 },
  modules: ["cli.ts", "src/a.ts", "src/late.ts"],
};

Deno.test("startupProblems() accepts commands that load what their rows say", () => {
  assert.deepEqual(startupProblems(project, [early, late]), []);
});

Deno.test("startupProblems() says where costly code is, which commands load it, and along which imports", () => {
  const texts: Readonly<Record<string, string>> = {
    ...FILES,
    "src/a.ts": '\nimport "node:fs";',
    "src/late.ts": "setTimeout(run, 1);",
    "src/later.ts": "new Intl.Collator(); // which nothing loads",
  };
  assert.deepEqual(
    startupProblems({ ...project, read: (path) => texts[path] ?? "" }, [
      early,
      late,
    ]),
    [
      "src/a.ts:2 imports node:fs (early, late: cli.ts > src/a.ts)",
      "src/late.ts:1 uses setTimeout (late: cli.ts > src/late.ts)",
    ],
  );
});

Deno.test("startupProblems() leads to costly code by imports that ran, however long the way", () => {
  const graph = new Map([
    ["cli.ts", ["src/idle.ts", "src/a.ts"]],
    ["src/idle.ts", ["src/c.ts"]],
    ["src/a.ts", ["src/b.ts"]],
    ["src/b.ts", ["src/c.ts"]],
    ["src/c.ts", []],
  ]);
  const read = (path: string) => path === "src/c.ts" ? "Intl" : "";
  assert.deepEqual(
    startupProblems({ ...project, graph, read, parts: [] }, [{
      row: { name: "token", loads: 4, reads: 5 },
      modules: ["cli.ts", "src/a.ts", "src/b.ts", "src/c.ts"],
    }]),
    [
      "src/c.ts:1 uses Intl (token: cli.ts > src/a.ts > src/b.ts > src/c.ts)",
    ],
  );
});

Deno.test("startupProblems() names the files of a command that loads one too many, and of one that the runtime reads for nothing", () => {
  const row = { name: "late", loads: 2, reads: 3 };
  assert.deepEqual(startupProblems(project, [{ ...late, row }]), [
    "late loads 3 files, and its row says 2:\n" +
    "    cli.ts from the command line\n" +
    "    src/a.ts from cli.ts\n" +
    "    src/late.ts from cli.ts",
    "late reads 4 files, and its row says 3; not loaded, and read all the same:\n" +
    "    src/later.ts from src/late.ts",
  ]);
});

Deno.test("startupProblems() has a number lowered once it is too high", () => {
  const row = { name: "late", loads: 9, reads: 10 };
  assert.deepEqual(startupProblems(project, [{ ...late, row }]), [
    "late loads 3 files, and its row says 9: lower it",
    "late reads 4 files, and its row says 10: lower it",
  ]);
});

Deno.test("startupProblems() counts no file that is a table's row, and looks into it all the same", () => {
  const read = (path: string) => path === "src/a.ts" ? "Intl" : "";
  const row = { name: "early", loads: 1, reads: 1 };
  assert.deepEqual(
    startupProblems({ ...project, read, tableRows: ["src/a.ts"] }, [
      { ...early, row },
    ]),
    ["src/a.ts:1 uses Intl (early: cli.ts > src/a.ts)"],
  );
});

Deno.test("startupProblems() finds a package that was loaded, one that is only read, and a part that the table lacks", () => {
  const graph = new Map(project.graph).set("src/later.ts", ["npm:commander"]);
  const modules = [...early.modules, "file:///cache/commander/index.js"];
  assert.deepEqual(
    startupProblems({ ...project, graph }, [{ ...early, modules }, late]),
    [
      "file:///cache/commander/index.js is no file of this project (early)",
      "src/later.ts imports npm:commander, read although it does not run (late: cli.ts > src/late.ts > src/later.ts)",
    ],
  );
  assert.deepEqual(
    startupProblems({ ...project, parts: [] }, [late]).slice(0, 1),
    [
      "src/late.ts is loaded by a computed name that src/cli/daily/parts.ts lacks (late)",
    ],
  );
});

Deno.test("loadedModules() names what a command loads by a computed name, and says when it does not do its work", async () => {
  const version = { args: ["--version"], place: "profile" } as const;
  const [loaded, wrong] = await Promise.all([
    loadedModules({ ...version, prints: /^tdauth / }),
    loadedModules({ ...version, prints: "another\n" }),
  ]);
  assert.ok(loaded.includes("cli.ts"));
  assert.ok(loaded.includes("src/cli/grammar/version.ts"));
  assert.match(String(wrong), /^ended with 0 and printed "tdauth /);
});
