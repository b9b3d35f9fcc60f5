import assert from "node:assert/strict";
import {
  type Keyring,
  needsKeyring,
  startKeyring,
} from "../seal/secret_service.ts";
import { until } from "../premise.ts";
import { only } from "../support.ts";
import { assertError, assertQuiet, jsonOf } from "./asserts.ts";
import { APPROVE, type Machine, startMachine } from "./machine.ts";
import { assertNothingInClear, bytes, configured, sealOf } from "./sealed.ts";

/** Whether a process is the program that asks the keychain. */
function isSecretTool(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/comm`) === "secret-tool\n";
  } catch {
    return false; // it has ended
  }
}

/** A machine with stored tokens, and a keyring that is unlocked. */
async function withKeyring(
  test: (machine: Machine, keyring: Keyring) => Promise<void>,
  seal = true,
): Promise<void> {
  await using keyring = await startKeyring();
  await using machine = await startMachine();
  await configured(machine);
  if (seal) {
    assertQuiet(
      await machine.run(["configure", "--seal", "keychain"], {
        env: keyring.env,
      }),
    );
    assertNothingInClear(machine);
  }
  await test(machine, keyring);
}

/** Every command that reads tokens, as far as it needs no network. */
const READERS = [["token"], ["status"], ["refresh"], ["unseal"], [
  "login",
  "--browser",
  APPROVE,
]];

/** All commands fail with 1, send nothing and leave the file as it is. */
async function assertRefused(
  machine: Machine,
  env: Readonly<Record<string, string>>,
  why: RegExp,
  hint: RegExp,
): Promise<void> {
  const before = bytes(machine);
  const asked = machine.sandbox.requests.length;
  for (const args of READERS) {
    assertError(await machine.run(args, { env }), 1, why, hint);
  }
  assert.deepEqual(bytes(machine), before);
  assert.equal(machine.sandbox.requests.length, asked);
  assertNothingInClear(machine);
}

Deno.test(
  needsKeyring(
    "tdauth configure --seal keychain keeps the key in a real Secret Service, and a login, a refresh and a logout work with it",
  ),
  () =>
    withKeyring(async (machine, keyring) => {
      const { env } = keyring;
      assert.equal(sealOf(machine), "keychain");
      assert.equal(await keyring.count(), 1);
      const again = await machine.run(["configure", "--seal", "keychain"], {
        env,
      });
      assert.match(again.stderr, /are sealed by the keychain already/);
      const status = await machine.run(["status"], { env });
      assert.match(status.stdout, /sealed by the keychain\n/);
      const prints = { env, printsToken: true };
      const first = (await machine.run(["token"], prints)).stdout.trim();
      assertQuiet(await machine.run(["refresh"], { env }));
      const second = (await machine.run(["token"], prints)).stdout.trim();
      assert.ok(first !== "" && second !== "" && first !== second);
      assertQuiet(await machine.run(["login", "--browser", APPROVE], { env }));
      assert.equal(await keyring.count(), 1);
      assertNothingInClear(machine, first, second);
      const doctor = await machine.run(["doctor", "--offline"], { env });
      assert.match(doctor.stdout, /ok +seal +sealed by the keychain/);
      assertQuiet(await machine.run(["logout"], { env }));
      assert.equal(await keyring.count(), 0, "its key is forgotten");
      assertQuiet(await machine.run(["login", "--browser", APPROVE], { env }));
      assert.deepEqual([sealOf(machine), await keyring.count()], [
        "keychain",
        1,
      ]);
      assertQuiet(await machine.run(["unseal"], { env }));
      assert.deepEqual([sealOf(machine), await keyring.count()], [
        undefined,
        0,
      ]);
    }),
);

Deno.test(
  needsKeyring(
    "tdauth says that the keychain is locked, and falls back to nothing",
  ),
  () =>
    withKeyring(async (machine, keyring) => {
      await keyring.lock();
      await assertRefused(
        machine,
        keyring.env,
        /cannot use the keychain: it is locked/,
        /^hint: .*unlock it/,
      );
      const doctor = await machine.run(["doctor", "--offline"], {
        env: keyring.env,
      });
      assert.match(
        doctor.stdout,
        /failed +tokens +cannot use the keychain: it\s+is locked/,
      );
    }),
);

Deno.test(
  needsKeyring(
    "tdauth says that the key is gone from the keychain, and how to start anew",
  ),
  () =>
    withKeyring(async (machine, keyring) => {
      const { env } = keyring;
      await keyring.empty();
      await assertRefused(
        machine,
        env,
        /their key is not in the keychain/,
        /^hint: .*tdauth logout, then tdauth login/,
      );
      assert.equal((await machine.run(["logout"], { env })).code, 1);
      assertQuiet(await machine.run(["login", "--browser", APPROVE], { env }));
      assert.equal(sealOf(machine), "keychain");
      assert.equal((await machine.run(["status"], { env })).code, 0);
    }),
);

for (
  const [what, change, why] of [
    [
      "secret-tool is not installed",
      { PATH: "/nowhere" },
      /there is no program secret-tool/,
    ],
    [
      "there is no session",
      { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" },
      /no desktop session/,
    ],
  ] as const
) {
  Deno.test(
    needsKeyring(
      `tdauth with tokens sealed by the keychain exits with 1 where ${what}`,
    ),
    () =>
      withKeyring((machine, { env }) =>
        assertRefused(machine, { ...env, ...change }, why, /^hint: \S/)
      ),
  );

  Deno.test(
    needsKeyring(
      `tdauth configure --seal keychain changes nothing where ${what}`,
    ),
    () =>
      withKeyring(async (machine, { env }) => {
        const before = bytes(machine);
        const config = machine.readConfig();
        assertError(
          await machine.run(["configure", "--seal", "keychain"], {
            env: { ...env, ...change },
          }),
          1,
          why,
        );
        assert.deepEqual(bytes(machine), before);
        assert.deepEqual(machine.readConfig(), config);
      }, false),
  );
}

Deno.test(
  needsKeyring(
    "tdauth exits with 1 when the keychain is killed while programs use it, and leaves the tokens as they are",
  ),
  () =>
    withKeyring(async (machine, keyring) => {
      const { env } = keyring;
      const before = bytes(machine);
      await keyring.stop();
      const many = Array.from(
        { length: 6 },
        () => machine.run(["token"], { env, printsToken: true }),
      );
      // Those that ask it wait for its answer: their tool runs.
      await until(
        "all ask the keychain",
        () => machine.processes().filter(isSecretTool).length === many.length,
      );
      keyring.kill();
      for (const { code, stdout, stderr } of await Promise.all(many)) {
        assert.ok(
          code === 0 ? stdout !== "" : code === 1 && /keychain/.test(stderr),
          stderr,
        );
      }
      assert.deepEqual(bytes(machine), before);
    }),
);

Deno.test(
  needsKeyring(
    "tdauth configure --seal takes tokens from the keychain to a key and back, and leaves no old key behind",
  ),
  () =>
    withKeyring(async (machine, keyring) => {
      const env = {
        ...keyring.env,
        TD_CACHE_KEY: btoa("k".repeat(32)),
      };
      for (const [kind, count] of [["key", 0], ["keychain", 1]] as const) {
        assertQuiet(await machine.run(["configure", "--seal", kind], { env }));
        assert.deepEqual([sealOf(machine), await keyring.count()], [
          kind,
          count,
        ]);
        assert.equal(
          jsonOf(await machine.run(["status", "--json"], { env }))["sealed"],
          kind,
        );
      }
    }),
);

Deno.test(
  only(
    "Linux",
    "tdauth configure --seal keychain changes nothing where the keychain stores nothing, and does not suggest a logout",
  ),
  async () => {
    await using machine = await startMachine();
    await configured(machine);
    const bin = `${machine.home}/bin`;
    Deno.mkdirSync(bin);
    Deno.writeTextFileSync(`${bin}/secret-tool`, "#!/bin/sh\nexit 0\n", {
      mode: 0o755,
    });
    const before = bytes(machine);
    const config = machine.readConfig();
    const result = await machine.run(["configure", "--seal", "keychain"], {
      env: { PATH: `${bin}:${Deno.env.get("PATH")}` },
    });
    assertError(
      result,
      1,
      /cannot use the keychain: it does not return the key/,
      /^hint: nothing was sealed/,
    );
    assert.deepEqual(bytes(machine), before);
    assert.deepEqual(machine.readConfig(), config);
  },
);
