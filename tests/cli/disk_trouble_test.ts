import assert from "node:assert/strict";
import { APPROVE, type Machine, startMachine } from "./machine.ts";
import { only } from "../support.ts";
import { assertError } from "./asserts.ts";

/** No file may grow: writes fail as on a full disk, and the signal that says so is ignored. */
const FULL_DISK =
  `trap '' XFSZ; unset DENO_COVERAGE_DIR DENO_UNSTABLE_COVERAGE_DIR; ulimit -f 0; exec "$@"`;

/** The directory is mounted read-only, for this process alone. */
const readOnly = (directory: string) =>
  `exec unshare -rm sh -c 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"' '${directory}' "$@"`;

const canMount = await new Deno.Command("unshare", {
  args: ["-rm", "true"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);
/** Only root can give files away. */
const root = Deno.uid() === 0;

/** A test that needs a mount, or no file to grow. */
function trouble(readOnly: boolean, name: string) {
  if (!readOnly) return only("Unix", name);
  return canMount ? { name, ignore: false } : {
    name: `${name} (ignored: there is no unshare that can mount)`,
    ignore: true,
  };
}

const names = (machine: Machine) =>
  [...Deno.readDirSync(machine.configDir)].map(({ name }) => name)
    .filter((name) => !name.endsWith(".lock"));

for (
  const [what, under] of [
    ["on a full disk", () => FULL_DISK],
    [
      "in a read-only directory",
      (machine: Machine) => readOnly(machine.configDir),
    ],
  ] as const
) {
  const readOnlyMount = what.includes("read-only");
  Deno.test(
    trouble(
      readOnlyMount,
      `tdauth token ${what} prints a refreshed token with a warning, and keeps the old file`,
    ),
    async () => {
      await using machine = await startMachine();
      await machine.signIn();
      machine.age("access_token", 3600);
      const before = Deno.readTextFileSync(machine.tokenPath);
      const { code, stdout, stderr } = await machine.run(["token"], {
        env: machine.appEnv,
        under: under(machine),
        printsToken: true,
      });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^\S+\n$/);
      assert.match(
        stderr,
        /^tdauth: cannot (write|open the lock file) ".*; the new access token is used but not stored\n$/,
      );
      assert.equal(Deno.readTextFileSync(machine.tokenPath), before);
      assert.deepEqual(names(machine), [machine.tokenPath.split("/").at(-1)]);
    },
  );

  Deno.test(
    trouble(
      readOnlyMount,
      `tdauth token ${what} prints a valid token and writes nothing`,
    ),
    async () => {
      await using machine = await startMachine();
      const { access_token } = await machine.signIn();
      const { code, stdout, stderr } = await machine.run(["token"], {
        env: machine.appEnv,
        under: under(machine),
        printsToken: true,
      });
      assert.deepEqual([code, stdout, stderr], [
        0,
        `${access_token.token}\n`,
        "",
      ]);
    },
  );
}

Deno.test(
  root
    ? "tdauth token refuses a directory of another user, and says how to fix it"
    : "tdauth token refuses a directory of another user, and says how to fix it (ignored: root only)",
  { ignore: !root },
  async () => {
    await using machine = await startMachine();
    await machine.signIn();
    Deno.chownSync(machine.configDir, 65534, 65534);
    assertError(
      await machine.run(["token", "--min-valid", "1s"], {
        env: machine.appEnv,
      }),
      1,
      /cannot use the directory ".*": it belongs to another user$/,
      /chown/,
    );
    Deno.chownSync(machine.configDir, 0, 0);
    Deno.chownSync(machine.tokenPath, 65534, 65534);
    assertError(
      await machine.run(["token", "--min-valid", "1s"], {
        env: machine.appEnv,
      }),
      1,
      /cannot protect ".*": it belongs to another user$/,
      /chown/,
    );
  },
);

Deno.test("tdauth logout on a full disk removes the tokens anyway", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const { code, stderr } = await machine.run(["logout"], {
    env: machine.appEnv,
    under: FULL_DISK,
  });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^Forgotten here /m);
  assert.deepEqual(names(machine), []);
});

Deno.test(
  trouble(
    true,
    "tdauth logout in a read-only directory says that the tokens are still there",
  ),
  async () => {
    await using machine = await startMachine();
    await machine.signIn();
    const before = machine.storedTokens();
    const result = await machine.run(["logout"], {
      env: machine.appEnv,
      under: readOnly(machine.configDir),
    });
    assert.equal(result.code, 1, result.stderr);
    assert.doesNotMatch(result.stderr, /are gone/);
    assert.deepEqual(machine.storedTokens(), before);
  },
);

Deno.test("tdauth login on a full disk does not say that it worked", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  await machine.signIn();
  const before = machine.storedTokens();
  const result = await machine.run(["login", "--browser", APPROVE], {
    env: machine.appEnv,
    under: FULL_DISK,
  });
  assert.equal(result.code, 1, result.stderr);
  assert.doesNotMatch(result.stderr, /Logged in/);
  assert.deepEqual(machine.storedTokens(), before);
});
