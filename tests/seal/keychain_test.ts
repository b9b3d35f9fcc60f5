import assert from "node:assert/strict";
import { keychainKey, MemCache, SealedCache } from "../../mod.ts";
import type { Keychain } from "../../src/seal/keychain_tool.ts";
import { macosKeychain } from "../../src/seal/macos_keychain.ts";
import { keychainRunner } from "../../src/seal/keychain_runner.ts";
import type {
  ProgramCall,
  ProgramResult,
} from "../../src/system/run_program.ts";
import { secretService } from "../../src/seal/secret_service.ts";
import { windowsProtection } from "../../src/seal/windows_protection.ts";
import { failsWith, only, temporaryDirectory } from "../support.ts";
import { needsKeyring, startKeyring } from "./secret_service.ts";
import { tokensIn } from "../tokens_in.ts";

const ID = "0123456789abcdef0123456789abcdef";
const SECRET = "CANARY-secret";

/** A system's program that answers as it is told, and what it was given. */
function fake(
  answer: (tool: ProgramCall) => Partial<ProgramResult>,
): {
  calls: ProgramCall[];
  run: (tool: ProgramCall) => Promise<ProgramResult>;
} {
  const calls: ProgramCall[] = [];
  return {
    calls,
    run: (tool) => {
      calls.push(tool);
      return Promise.resolve({
        code: 0,
        stdout: "",
        stderr: "",
        timedOut: false,
        ...answer(tool),
      });
    },
  };
}

Deno.test("secretService() calls secret-tool with the secret on its input alone", async () => {
  const { calls, run } = fake(({ args }) =>
    args[0] === "lookup" ? { stdout: SECRET } : {}
  );
  const keychain = secretService(run);
  const id = await keychain.keep(SECRET);
  assert.match(id, /^[0-9a-f]{32}$/);
  await keychain.forget(id);
  const named = ["application", "tdauth", "key", id];
  assert.deepEqual(calls, [
    {
      program: "secret-tool",
      args: ["store", "--label=tdauth: key of tokens", ...named],
      input: SECRET,
    },
    { program: "secret-tool", args: ["lookup", ...named] },
    { program: "secret-tool", args: ["clear", ...named] },
  ]);
});

Deno.test("macosKeychain() gives security the secret in a command on its input", async () => {
  const { calls, run } = fake(({ args }) =>
    args[0] === "find-generic-password" ? { stdout: `${SECRET}\n` } : {}
  );
  const keychain = macosKeychain(run);
  const id = await keychain.keep(SECRET);
  await keychain.forget(id);
  const program = "/usr/bin/security";
  assert.deepEqual(calls, [
    {
      program,
      args: ["-i"],
      input:
        `add-generic-password -s tdauth -a ${id} -l "tdauth: key of tokens" -w ${SECRET}\n`,
    },
    {
      program,
      args: ["find-generic-password", "-s", "tdauth", "-a", id, "-w"],
    },
    { program, args: ["delete-generic-password", "-s", "tdauth", "-a", id] },
  ]);
});

Deno.test("windowsProtection() gives Windows PowerShell the secret on its input, and keeps what comes back", async () => {
  const blob = btoa("protected \xff\xfe blob, long enough to be one of them");
  const { calls, run } = fake(({ input = "", args }) =>
    args.at(-1)?.includes("::Protect(")
      ? { stdout: blob }
      : { stdout: input.trim() === blob ? btoa(SECRET) : "", code: 0 }
  );
  const keychain = windowsProtection(run, "D:\\Win");
  const parameters = await keychain.keep(SECRET);
  assert.match(parameters, /^[\w-]+$/);
  assert.equal(await keychain.find(parameters), SECRET);
  for (const { program, args, input } of calls) {
    assert.equal(
      program,
      "D:\\Win\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
    );
    assert.deepEqual(args.slice(0, -1), [
      "-NoLogo",
      "-NoProfile",
      "-NonInteractive",
      "-Command",
    ]);
    assert.match(args.at(-1) ?? "", /'CurrentUser'/);
    assert.ok(!args.join(" ").includes(SECRET));
    assert.match(input ?? "", /^[\w+/=]+\n$/);
  }
});

for (
  const [name, make, answer, message] of [
    ["secretService", secretService, {
      code: 1,
      stderr: "secret-tool: Cannot autolaunch D-Bus without X11 $DISPLAY\n",
    }, /there is no desktop session/],
    ["secretService", secretService, {
      code: 1,
      stderr: "secret-tool: Cannot create an item in a locked collection\n",
    }, /it is locked/],
    ["secretService", secretService, { code: 1 }, /key is not in the keychain/],
    ["secretService", secretService, {
      code: 0,
      stdout: "",
      stderr: "attribute.key = x\n",
    }, /it is locked/],
    ["secretService", secretService, { timedOut: true }, /waited for a prompt/],
    ["macosKeychain", macosKeychain, { code: 44 }, /key is not in/],
    ["macosKeychain", macosKeychain, { code: 36 }, /it is locked/],
    ["macosKeychain", macosKeychain, { code: 51 }, /it is locked/],
    ["macosKeychain", macosKeychain, { code: 1 }, /failed with exit code 1/],
    ["windowsProtection", windowsProtection, { code: 77 }, /key is not in/],
    [
      "windowsProtection",
      windowsProtection,
      { code: 1 },
      /failed with exit code 1/,
    ],
    [
      "windowsProtection",
      windowsProtection,
      { timedOut: true },
      /was terminated/,
    ],
  ] as const
) {
  Deno.test(`${name}() says what is wrong when its program answers ${JSON.stringify(answer)}`, async () => {
    const keychain: Keychain = make(fake(() => answer).run);
    const parameters = name === "windowsProtection" ? "b".repeat(300) : ID;
    const error = await failsWith("cache_sealed", keychain.find(parameters));
    assert.match(error.message, message);
    assert.ok(error.hint);
  });
}

for (
  const [name, make, lookup] of [
    ["secretService", secretService, { code: 1 }],
    ["secretService", secretService, { stdout: "another" }],
    ["macosKeychain", macosKeychain, { code: 44 }],
    ["macosKeychain", macosKeychain, { stdout: "another" }],
  ] as const
) {
  Deno.test(`${name}() says that a new key was not kept when it is looked up with ${JSON.stringify(lookup)}`, async () => {
    const { run } = fake(({ args, input }) =>
      /^(lookup|find-)/.test(args[0] ?? "")
        ? lookup
        : input === undefined
        ? { code: 1 }
        : {}
    );
    const error = await failsWith("cache_sealed", make(run).keep(SECRET));
    assert.match(error.message, /does not return the key/);
    assert.doesNotMatch(error.hint?.format(["tdauth"]) ?? "", /log(out|in)/);
  });
}

Deno.test("a keychain gives no program a name that was not made here", async () => {
  for (const make of [secretService, macosKeychain, windowsProtection]) {
    const { calls, run } = fake(() => ({ stdout: SECRET }));
    for (const name of ["", "--help", `${ID} x`, ID.toUpperCase(), "../x"]) {
      await failsWith("cache_sealed", make(run).find(name));
      await make(run).forget(name);
    }
    assert.deepEqual(calls, []);
  }
});

Deno.test("keychainKey() takes what is no key for none", async () => {
  for (const text of ["", "short", "!".repeat(43), "A".repeat(44)]) {
    const keychain: Keychain = {
      keep: () => Promise.resolve(ID),
      find: () => Promise.resolve(text),
      forget: () => Promise.resolve(),
    };
    await failsWith("cache_sealed", keychainKey({ keychain }).find(ID));
  }
});

Deno.test("SealedCache generates the key before a login, and deletes it when the login returns no tokens", async () => {
  const kept = new Map<string, string>();
  const keychain: Keychain = {
    keep: (secret) => {
      kept.set(ID, secret);
      return Promise.resolve(ID);
    },
    find: (id) => Promise.resolve(kept.get(id) ?? ""),
    forget: (id) => Promise.resolve(void kept.delete(id)),
  };
  const inner = new MemCache();
  const cache = new SealedCache(inner, keychainKey({ keychain }));
  await cache.exclusive("login", () => {
    assert.equal(kept.size, 1);
    return Promise.resolve();
  });
  assert.equal(kept.size, 0);
  await cache.exclusive(
    "login",
    async () => tokensIn(cache).save(await tokensIn(cache).load(), "refresh"),
  );
  assert.equal(kept.size, 1);
  await cache.clear();
  assert.equal(kept.size, 0);
  await tokensIn(cache).save(await tokensIn(cache).load(), "refresh");
  assert.equal(kept.size, 1, "a key that is forgotten is never used again");
});

/** A directory with a `secret-tool` of our own. */
async function ownTool(script: string) {
  const directory = temporaryDirectory();
  const path = `${directory.path}/secret-tool`;
  await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = (name: string) =>
    name === "PATH"
      ? `${directory.path}:${Deno.env.get("PATH")}`
      : name.startsWith("TD_")
      ? "CANARY"
      : undefined;
  return { ...directory, path: directory.path, env };
}

Deno.test(
  only(
    "Linux",
    "keychainKey() shows its key in no argument, and passes on none of tdauth's variables",
  ),
  async () => {
    await using tool = await ownTool(
      `here=$(dirname "$0")
       { tr '\\0' '\\n' < /proc/$$/cmdline; env; } >> "$here/seen"
       case $1 in
         store) cat > "$here/$6" ;;
         lookup) cat "$here/$5" ;;
         clear) rm "$here/$5" ;;
       esac`,
    );
    const source = keychainKey({ env: tool.env });
    const { key, parameters } = await source.make();
    assert.deepEqual(await source.find(parameters), key);
    const secret = Deno.readTextFileSync(`${tool.path}/${parameters}`);
    const seen = Deno.readTextFileSync(`${tool.path}/seen`);
    assert.match(seen, /store/);
    assert.ok(!seen.includes(secret));
    assert.ok(!seen.includes("CANARY"));
    const passedOn = [...seen.matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    assert.deepEqual(
      [...new Set(passedOn)].filter((name) =>
        !/^(PATH|LC_ALL|PWD|OLDPWD|SHLVL|_)$/.test(name ?? "")
      ),
      [],
    );
    await source.forget?.(parameters);
    assert.throws(() => Deno.statSync(`${tool.path}/${parameters}`));
  },
);

Deno.test(
  only(
    "Linux",
    "keychainKey() ends a program that waits for a prompt, whatever it has started",
  ),
  async () => {
    await using tool = await ownTool(
      `sleep 60 & echo $! > "$(dirname "$0")/child"; wait`,
    );
    const child = () => {
      try {
        return Number(Deno.readTextFileSync(`${tool.path}/child`));
      } catch {
        return 0; // it was killed before it had started any
      }
    };
    for (let limit = 300; child() === 0; limit *= 4) {
      const error = await failsWith(
        "cache_sealed",
        keychainKey({ env: tool.env, limit }).find(ID),
      );
      assert.match(error.message, /secret-tool waited for a prompt/);
    }
    Deno.kill(child()); // which was not waited for
  },
);

Deno.test(
  only(
    "Linux",
    "keychainKey() names the package where there is no secret-tool",
  ),
  async () => {
    const error = await failsWith(
      "cache_sealed",
      keychainKey({ env: (name) => name === "PATH" ? "/nowhere" : undefined })
        .make(),
    );
    assert.match(error.message, /there is no program secret-tool/);
    assert.match(error.hint?.format(["tdauth"]) ?? "", /libsecret-tools/);
  },
);

Deno.test(
  only("Unix", "keychainRunner() gives input and outputs as they are"),
  async () => {
    const result = await keychainRunner()({
      program: "sh",
      args: ["-c", "cat; echo oops >&2; exit 7"],
      input: "grün\n",
    });
    assert.deepEqual(result, {
      code: 7,
      stdout: "grün\n",
      stderr: "oops\n",
      timedOut: false,
    });
  },
);

Deno.test(
  needsKeyring(
    "keychainKey() keeps its key in a real Secret Service until it is forgotten",
  ),
  async () => {
    await using keyring = await startKeyring();
    const env = sessionOf(keyring.env);
    const source = keychainKey({ env });
    const { key, parameters } = await source.make();
    assert.equal(key.length, 32);
    assert.deepEqual(await keychainKey({ env }).find(parameters), key);
    assert.equal(await keyring.count(), 1);
    await source.forget?.(parameters);
    assert.equal(await keyring.count(), 0);
    const error = await failsWith("cache_sealed", source.find(parameters));
    assert.match(error.message, /their key is not in the keychain/);
  },
);

Deno.test(
  needsKeyring(
    "keychainKey() says that a real Secret Service is locked, or gone",
  ),
  async () => {
    await using keyring = await startKeyring();
    const source = keychainKey({ env: sessionOf(keyring.env) });
    const { parameters } = await source.make();
    await keyring.lock();
    for (const call of [() => source.find(parameters), source.make]) {
      const error = await failsWith("cache_sealed", call());
      assert.match(error.message, /it is locked/);
    }
    keyring.kill();
    await failsWith("cache_sealed", source.find(parameters));
    const nowhere = keychainKey({
      env: sessionOf({ DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" }),
    });
    const error = await failsWith("cache_sealed", nowhere.find(parameters));
    assert.match(error.message, /no desktop session/);
  },
);

function sessionOf(env: Readonly<Record<string, string>>) {
  return (name: string) => name === "PATH" ? Deno.env.get("PATH") : env[name];
}
