import assert from "node:assert/strict";
import { circles } from "../../tools/imports/circles.ts";
import { graphOf } from "../../tools/imports/graph.ts";
import {
  circleProblems,
  rankProblems,
  roomProblems,
} from "../../tools/imports/import_rules.ts";

/** A graph of `from: to to` lines. */
function graph(...lines: readonly string[]): Map<string, string[]> {
  return new Map(lines.map((line) => {
    const [from = "", to = ""] = line.split(": ");
    return [from, to.split(" ").filter((name) => name !== "")];
  }));
}

Deno.test("circles() names every file of a circle in the order of the imports", () => {
  assert.deepEqual(
    circles(graph("a: b d", "b: c", "c: a", "d: e", "e:")),
    [["a", "b", "c"]],
  );
});

Deno.test("circles() finds one for each group of files, and a file that imports itself", () => {
  assert.deepEqual(
    circles(graph("a: b", "b: a c", "c: d", "d: c", "e: e", "f: a")),
    [["a", "b"], ["c", "d"], ["e"]],
  );
});

Deno.test("circles() takes the shortest one where files hang together in several", () => {
  assert.deepEqual(
    circles(graph("a: b", "b: c", "c: d", "d: a c")),
    [["c", "d"]],
  );
});

Deno.test("circles() finds none where files only share an import", () => {
  assert.deepEqual(circles(graph("a: b c", "b: d", "c: d", "d:")), []);
});

Deno.test("graphOf() has imports of types, dynamic ones and mapped names, and no packages", () => {
  const root = "file:///p/";
  const info = {
    modules: [
      {
        specifier: `${root}a.ts`,
        dependencies: [
          { type: { specifier: `${root}types.ts` } },
          {
            code: { specifier: `${root}both.ts` },
            type: { specifier: `${root}both.d.ts` },
          },
          { code: { specifier: "npm:/x@1" } },
          { code: { specifier: `${root}data.json` } },
          {},
        ],
      },
      { specifier: "npm:/x@1" },
      { specifier: `${root}types.ts` },
    ],
  };
  assert.deepEqual([...graphOf(info, root)], [
    ["a.ts", ["types.ts", "both.ts", "both.d.ts"]],
    ["types.ts", []],
  ]);
});

Deno.test("circleProblems() names a circle inside a room and one through an entry point", () => {
  assert.deepEqual(
    circleProblems(
      graph(
        "src/cache/a.ts: src/cache/b.ts",
        "src/cache/b.ts: src/cache/a.ts",
        "mod.ts: src/login/c.ts",
        "src/login/c.ts: mod.ts",
      ),
    ),
    [
      "a circle of imports: src/cache/a.ts -> src/cache/b.ts -> src/cache/a.ts",
      "a circle of imports: mod.ts -> src/login/c.ts -> mod.ts",
    ],
  );
});

Deno.test("rankProblems() finds imports from higher ranks, from neighbours and from entry points", () => {
  assert.deepEqual(
    rankProblems(graph(
      "src/base/a.ts: src/cache/b.ts",
      "src/cache/b.ts: src/oauth/c.ts src/base/a.ts src/cache/d.ts mod.ts",
    )).map((problem) => problem.replace(/ \(rank \d+\)/g, "")),
    [
      "src/base/a.ts imports src/cache/b.ts",
      "src/cache/b.ts imports src/oauth/c.ts",
      "src/cache/b.ts imports mod.ts",
    ],
  );
});

Deno.test("rankProblems() lets the practice broker share a Provider alone", () => {
  const problems = rankProblems(graph(
    "src/sandbox/a.ts: src/providers/provider.ts src/base/errors.ts",
  ));
  assert.deepEqual(problems, [
    "src/sandbox/a.ts shares src/base/errors.ts with the client: both could be wrong together",
  ]);
});

Deno.test("roomProblems() lets src/ hold rooms alone", () => {
  assert.deepEqual(roomProblems(["base", "cli"]), []);
  assert.match(
    roomProblems(["base", "loose.ts", "attic"]).join("\n"),
    /^src\/loose\.ts is in no room: .*\nsrc\/attic is in no rank: /,
  );
});
