import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startMachine } from "./machine.ts";

const DOCS = new URL("../../docs/", import.meta.url);
const PAGE = new URL("man/tdauth.1", DOCS);

/** Runs a program; `undefined` where there is none of that name. */
function outputOf(program: string, args: readonly string[]) {
  try {
    const { stdout, stderr } = new Deno.Command(program, {
      args: [...args],
      env: { MANWIDTH: "80", LC_ALL: "C.UTF-8" },
    }).outputSync();
    return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

Deno.test("tdauth man prints the page of docs/man where stdout is no terminal", async () => {
  await using machine = await startMachine();
  const { code, stdout, stderr } = await machine.run(["man"]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(stdout, Deno.readTextFileSync(PAGE));
});

for (
  const [program, ...args] of [
    ["mandoc", "-Tlint"],
    ["man", "--warnings", "-l"],
  ] as const
) {
  const absent = outputOf(program, ["-V"]) === undefined;
  Deno.test(
    `tdauth man prints a page that ${program} has no fault to find with${
      absent ? ` (ignored: there is no ${program})` : ""
    }`,
    { ignore: absent },
    () => {
      const [stdout = "", stderr] =
        outputOf(program, [...args, fileURLToPath(PAGE)]) ??
          [];
      assert.equal(stderr, "");
      if (program === "mandoc") return assert.equal(stdout, "");
      for (const title of ["COMMANDS", "EXIT STATUS", "SECURITY"]) {
        assert.match(stdout, new RegExp(`^${title}$`, "m"));
      }
      assert.match(stdout, /^ {3}tdauth cert show /m);
      for (const line of stdout.split("\n")) {
        assert.ok(line.length <= 80 || / tdauth /.test(line), line); // an example stays whole
      }
    },
  );
}

/** Variables that the program itself sets, for others. */
const SET = ["TD_ACCESS_TOKEN", "TD_ACCESS_TOKEN_EXPIRES_AT"];

Deno.test("tdauth man and docs/settings.md name every variable that the program reads or sets", () => {
  const source = new URL("../../src/", import.meta.url);
  const variables = new Set(
    textsIn(source).flatMap((text) =>
      [...text.matchAll(/\bTD_[A-Z_]*[A-Z]\b/g)].map(([name]) => name)
    ),
  );
  assert.ok(variables.has("TD_CACHE_KEY"));
  const manual = Deno.readTextFileSync(PAGE);
  const settings = Deno.readTextFileSync(new URL("settings.md", DOCS));
  for (const name of variables) {
    assert.match(manual, new RegExp(`^\\.B "${name}"$`, "m"), name);
    const there = SET.includes(name) ? `\`${name}\`` : `^\\| \`${name}\` `;
    assert.match(settings, new RegExp(there, "m"), name);
  }
});

Deno.test("tdauth man and SECURITY.md name the commands that hand tokens out, and sealing", () => {
  const manual = Deno.readTextFileSync(PAGE).replaceAll("\n", " ");
  assert.match(manual, /Only token, header, exec and export hand tokens out/);
  assert.match(manual, /configure \\-\\-seal encrypts them/);
  const security = Deno.readTextFileSync(new URL("../SECURITY.md", DOCS));
  assert.match(
    security.replaceAll("\n", " "),
    /only `token`, `header` and `export` print tokens; `exec` passes one/,
  );
});

function textsIn(folder: URL): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory
      ? textsIn(new URL(`${name}/`, folder))
      : [Deno.readTextFileSync(new URL(name, folder))]
  );
}
