/** Storage that cannot be written: what is refused, and before what. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { AS_USER, fullDisk, mounted, mounting, readOnly } from "../mounts.ts";
import { assertError } from "./asserts.ts";
import { APPROVE, type Machine, startMachine } from "./machine.ts";

/** A way in which tokens cannot be stored. */
interface Way {
  /** In words. */
  readonly what: string;
  /** The shell's words before the command. */
  readonly under: (machine: Machine) => string;
  /** What the error says, and its hint. */
  readonly why: RegExp;
  readonly hint: RegExp;
}

const WAYS: readonly Way[] = [
  {
    what: "is read-only (EROFS)",
    under: ({ configDir }) => mounted(readOnly(configDir)),
    why: /: read-only file system$/i,
    hint: /TD_TOKEN_DIR/,
  },
  {
    what: "is full (ENOSPC)",
    under: ({ configDir }) => mounted(fullDisk(configDir)),
    why: /: no space left on device$/i,
    hint: /free some space/,
  },
  {
    what: "may not be written (EACCES)",
    under: ({ configDir }) => `chmod 500 "${configDir}"; ${AS_USER}`,
    why: /: permission denied$/,
    hint: /make .* writable/,
  },
  {
    what: "is one file that is mounted by itself (EBUSY)",
    under: ({ tokenPath }) =>
      mounted(`mount --bind "${tokenPath}" "${tokenPath}"`),
    why: /cannot write ".*PROCESS-?TEST.*": .*busy$/i,
    hint: /mount its directory instead.*TD_TOKEN_DIR/,
  },
];

for (const { what, under, why, hint } of WAYS) {
  for (const broker of ["schwab", "tdameritrade"] as const) {
    Deno.test(
      mounting(
        `tdauth login opens no page of ${broker} where the place for its tokens ${what}, and the old tokens live on`,
      ),
      async () => {
        await using machine = await startMachine({ broker });
        await machine.signIn();
        // Settings that a login would not change.
        const before = Deno.readTextFileSync(machine.tokenPath);
        const opened = `${machine.home}/opened`;
        const asked = machine.sandbox.requests.length;
        const result = await machine.run(
          ["login", "--browser", `touch ${opened}`, "--timeout", "20s"],
          { env: machine.appEnv, under: under(machine) },
        );
        const { stdout, stderr, code } = result;
        const said = stderr.replace(/^note: .*\n/, "");
        assertError({ ...result, stdout, code, stderr: said }, 1, why, hint);
        assert.ok(!existsSync(opened), "no page was opened");
        assert.equal(machine.sandbox.requests.length, asked);
        Deno.chmodSync(machine.configDir, 0o700);
        assert.equal(Deno.readTextFileSync(machine.tokenPath), before);
        const old = machine.readTokens().access_token.token;
        const token = await machine.run(["token"], {
          env: machine.appEnv,
          printsToken: true,
        });
        assert.deepEqual([token.code, token.stdout], [0, `${old}\n`]);
      },
    );
  }
}

for (const { what, under, why } of WAYS) {
  Deno.test(
    mounting(
      `tdauth login --begin shows no page where the place for its tokens ${what}`,
    ),
    async () => {
      await using machine = await startMachine({ broker: "tdameritrade" });
      await machine.signIn();
      const result = await machine.run(["login", "--begin"], {
        env: machine.appEnv,
        under: under(machine),
      });
      Deno.chmodSync(machine.configDir, 0o700);
      assertError(result, 1, why);
      assert.doesNotMatch(result.stderr, /https?:/);
    },
  );
}

Deno.test("tdauth login that is cancelled leaves no token file where there was none, and the space it had reserved", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  const login = machine.start(["login", "--no-browser"], {
    env: machine.appEnv,
  });
  await login.sees(/http/);
  const during = [...Deno.readDirSync(machine.configDir)].map(({ name }) =>
    name
  );
  assert.ok(during.some((name) => name.endsWith(".reserved")), `${during}`);
  login.kill("SIGINT");
  assert.equal((await login.result).code, 4);
  const after = [...Deno.readDirSync(machine.configDir)].map(({ name }) =>
    name
  );
  assert.deepEqual(after.filter((name) => !name.endsWith(".lock")), []);
});

Deno.test("tdauth login stores its tokens where everything can be written", async () => {
  await using machine = await startMachine();
  const result = await machine.run(["login", "--browser", APPROVE], {
    env: machine.appEnv,
  });
  assert.equal(result.code, 0, result.stderr);
  const names = [...Deno.readDirSync(machine.configDir)].map(({ name }) =>
    name
  );
  assert.ok(!names.some((name) => name.endsWith(".reserved")), `${names}`);
});
