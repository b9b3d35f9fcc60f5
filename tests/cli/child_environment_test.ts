/** Every program that tdauth starts, looked at from its own side. */
import assert from "node:assert/strict";
import { childEnvironment } from "../../src/system/child_environment.ts";
import { SECRET_VARIABLES } from "../../src/settings/variable_table.ts";
import { only } from "../support.ts";
import { APPROVE, type Machine, startMachine } from "./machine.ts";
import { needsScript } from "./terminals.ts";

const SOURCE = new URL("../../src/", import.meta.url);
const CANARIES: Readonly<Record<string, string>> = Object.fromEntries(
  SECRET_VARIABLES.map((name) => [name, `CANARY-${name}`]),
);

Deno.test("childEnvironment() passes no child a secret, and each child only what it needs", () => {
  const all = { PATH: "/bin", HOME: "/home/me", TERM: "dumb", TD_PROFILE: "p" };
  const lower = { td_consumer_secret: "CANARY-SECRET", td_profile: "q" };
  const options = {
    all: { ...all, ...CANARIES, ...lower },
    env: (name: string) => ({ ...all, ...CANARIES } as never)[name],
    set: { MINE: "1" },
    secrets: SECRET_VARIABLES,
  };
  for (
    const name of [
      "TD_ACCESS_TOKEN",
      "TD_CACHE_KEY",
      "TD_CACHE_PASSPHRASE",
      "TD_CONSUMER_SECRET",
    ]
  ) assert.ok(SECRET_VARIABLES.includes(name), name);
  assert.deepEqual(childEnvironment("tool", options), {
    env: { PATH: "/bin", HOME: "/home/me", LC_ALL: "C", MINE: "1" },
    clearEnv: true,
  });
  assert.deepEqual(childEnvironment("viewer", options), {
    env: { PATH: "/bin", HOME: "/home/me", TERM: "dumb", MINE: "1" },
    clearEnv: true,
  });
  assert.deepEqual(childEnvironment("command", options), {
    env: { ...all, td_profile: "q", MINE: "1" },
    clearEnv: true,
  });
});

/** They are given the environment, by those that are looked at as well. */
const GIVEN = [
  "certificate/must_run.ts",
  "system/run_program.ts",
  "system/run_group.ts",
  "system/piped_program.ts",
  "system/child_program.ts",
];

Deno.test("childEnvironment() is what every program is started with", () => {
  const users = filesIn("").filter((path) =>
    /new Deno\.Command\(|\b(programRunner|runProgram|runGroup|startProgram|startPiped|outputOf)\(/
      .test(textOf(path))
  );
  assert.ok(users.length >= 6, users.join());
  for (const path of users) {
    if (GIVEN.includes(path)) continue;
    assert.match(textOf(path), /\bchildEnvironment\(/, path);
  }
});

/** A machine whose programs of these names tell what environment they see. */
async function spied(
  programs: readonly string[],
): Promise<{ machine: Machine; seen: (program: string) => string }> {
  const machine = await startMachine();
  const bin = `${machine.home}/bin`;
  Deno.mkdirSync(bin);
  for (const program of programs) {
    // The user agrees at once; everything else fails.
    const rest = program === "xdg-open" ? `exec ${APPROVE} "$@"` : "exit 1";
    Deno.writeTextFileSync(
      `${bin}/${program}`,
      `#!/bin/sh\n/usr/bin/env >> '${bin}/${program}.seen'\n${rest}\n`,
      { mode: 0o755 },
    );
  }
  return {
    machine,
    seen: (program) => Deno.readTextFileSync(`${bin}/${program}.seen`),
  };
}

for (
  const [program, args, terminal] of [
    ["man", ["man"], true],
    ["xdg-open", ["login"], false],
    ["certutil", ["cert", "trust", "--yes"], false],
    ["secret-tool", ["configure", "--seal", "keychain"], false],
    ["mine", ["exec", "--", "mine"], false],
  ] as const
) {
  const name = `tdauth ${
    args.join(" ")
  } hands no secret of its own to ${program}`;
  Deno.test({
    ...(terminal ? needsScript(name) : only("Linux", name)),
    fn: async () => {
      const { machine, seen } = await spied([program]);
      await using _ = machine;
      await machine.signIn();
      const { stdout, stderr } = await machine.run(args, {
        terminal,
        env: {
          ...machine.appEnv,
          ...CANARIES,
          DISPLAY: ":0",
          PATH: `${machine.home}/bin:${Deno.env.get("PATH")}`,
        },
      });
      assert.ok(
        exists(`${machine.home}/bin/${program}.seen`),
        `${program} was not started: ${stdout}${stderr}`,
      );
      assert.doesNotMatch(seen(program), /CANARY/);
      assert.equal(
        /^TD_ACCESS_TOKEN=/m.test(seen(program)),
        program === "mine",
      );
    },
  });
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, SOURCE))].flatMap((
    { name, isDirectory },
  ) => isDirectory ? filesIn(`${folder}${name}/`) : [`${folder}${name}`]);
}

function textOf(path: string): string {
  return Deno.readTextFileSync(new URL(path, SOURCE));
}
