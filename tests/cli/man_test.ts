import assert from "node:assert/strict";
import { startMachine } from "./machine.ts";

const PAGE = new URL("../../docs/man/tdauth.1", import.meta.url);

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
        outputOf(program, [...args, PAGE.pathname]) ??
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
