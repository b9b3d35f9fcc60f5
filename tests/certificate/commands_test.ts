/** What is run on systems that the tests do not have. */
import assert from "node:assert/strict";
import { keychainStore } from "../../src/certificate/keychain_store.ts";
import type {
  ProgramCall,
  ProgramResult,
  RunProgram,
} from "../../src/system/run_program.ts";
import {
  systemAnchor,
  systemCommands,
  systemStore,
} from "../../src/certificate/system_store.ts";
import { windowsStore } from "../../src/certificate/windows_store.ts";
import { failsWith } from "../support.ts";
import { newAuthority } from "./nss_support.ts";

/** What the file held that was named last, for each tool that was run. */
const texts = new WeakMap<ProgramCall, string>();

/** The file that a tool was given: one that nothing else writes, which held the certificate and is gone. */
function ownFile(tool: ProgramCall | undefined, pem: string): string {
  const file = tool?.args.at(-1) ?? "";
  assert.equal(tool && texts.get(tool), pem);
  assert.throws(() => Deno.statSync(file), Deno.errors.NotFound);
  return file;
}

/** Notes what is run, and answers in turn. */
function scripted(answers: readonly Partial<ProgramResult>[]): {
  readonly run: RunProgram;
  readonly tools: ProgramCall[];
} {
  const tools: ProgramCall[] = [];
  const run: RunProgram = (tool) => {
    const answer = answers[tools.length] ?? {};
    tools.push(tool);
    try {
      texts.set(tool, Deno.readTextFileSync(tool.args.at(-1) ?? ""));
    } catch {
      // it is given no file
    }
    return Promise.resolve({ code: 0, stdout: "", stderr: "", ...answer });
  };
  return { run, tools };
}

const KEYCHAIN = "/Users/a/Library/Keychains/login.keychain-db";
const SECURITY = "/usr/bin/security";

Deno.test("keychainStore() adds a root only for TLS to the login keychain, which asks its user", async () => {
  const { run, tools } = scripted([]);
  const authority = await newAuthority();
  await keychainStore(KEYCHAIN, run).add(authority, "/a/ca.pem");
  const file = ownFile(tools[0], authority.pem);
  assert.deepEqual(tools, [{
    program: SECURITY,
    args: [
      "add-trusted-cert",
      "-r",
      "trustRoot",
      "-p",
      "ssl",
      "-k",
      KEYCHAIN,
      file,
    ],
  }]);
});

Deno.test("keychainStore() finds and removes a CA by its fingerprint, with its trust settings", async () => {
  const authority = await newAuthority();
  const found = {
    stdout: `SHA-256 hash: X\nSHA-1 hash: ${authority.sha1.toUpperCase()}\n`,
  };
  const { run, tools } = scripted([
    found,
    { stdout: `Cert 0: ${authority.name}\n` },
  ]);
  await keychainStore(KEYCHAIN, run).remove(authority);
  assert.deepEqual(tools, [
    {
      program: SECURITY,
      args: ["find-certificate", "-a", "-c", authority.name, "-Z", KEYCHAIN],
    },
    { program: SECURITY, args: ["dump-trust-settings"] },
    {
      program: SECURITY,
      args: ["delete-certificate", "-Z", authority.sha1, "-t", KEYCHAIN],
    },
  ]);
  for (
    const [answers, presence] of [
      [[found, { code: 1 }], "present"],
      [[{ code: 44 }], "absent"],
      [[{ stdout: "SHA-1 hash: 00" }], "absent"],
    ] as const
  ) {
    const { run, tools } = scripted(answers);
    const store = keychainStore(KEYCHAIN, run);
    assert.equal(await store.look(authority), presence);
    if (presence === "absent") {
      const before = tools.length;
      await store.remove(authority);
      assert.ok(
        tools.slice(before).every(({ args }) =>
          args[0] !== "delete-certificate"
        ),
      );
    }
  }
});

Deno.test("windowsStore() adds to the user's root store, and finds and removes by fingerprint, with Windows' own certutil", async () => {
  const authority = await newAuthority();
  const { run, tools } = scripted([{}, {}, {}, { code: 1 }]);
  const store = windowsStore("Root", run, "D:\\Windows");
  await store.add(authority, "C:\\ca.pem");
  const file = ownFile(tools[0], authority.pem);
  await store.remove(authority);
  assert.equal(await store.look(authority), "absent");
  const program = "D:\\Windows\\System32\\certutil.exe";
  assert.deepEqual(tools, [
    { program, args: ["-user", "-addstore", "Root", file] },
    { program, args: ["-user", "-store", "Root", authority.sha1] },
    { program, args: ["-user", "-delstore", "Root", authority.sha1] },
    { program, args: ["-user", "-store", "Root", authority.sha1] },
  ]);
});

for (const os of ["macOS", "Windows"] as const) {
  Deno.test(`the store of ${os} fails when its user does not agree`, async () => {
    const { run } = scripted([{ code: 1, stderr: "denied by the user" }]);
    const store = os === "macOS"
      ? keychainStore(KEYCHAIN, run)
      : windowsStore("Root", run);
    const error = await failsWith(
      "certificate_failed",
      store.add(await newAuthority(), "ca.pem"),
    );
    assert.match(
      error.hint?.format(["tdauth"]) ?? "",
      /confirm when \w+ asks$/,
    );
  });
}

Deno.test("systemAnchor() and systemCommands() know where each Linux keeps its anchors", async () => {
  const { name } = await newAuthority();
  const file = name.replaceAll(" ", "-");
  const cases = [
    ["/usr/local/share/ca-certificates", ".crt", "update-ca-certificates"],
    ["/etc/pki/ca-trust/source/anchors", ".pem", "update-ca-trust"],
    ["/etc/ca-certificates/trust-source/anchors", ".crt", "update-ca-trust"],
    ["/etc/pki/trust/anchors", ".pem", "update-ca-certificates"],
  ] as const;
  for (const [directory, ending, program] of cases) {
    const anchor = systemAnchor(
      { name } as never,
      (path) => path === directory,
    );
    assert.equal(anchor, `${directory}/${file}${ending}`);
    const { add, remove } = systemCommands(anchor ?? "", "/home/a/ca.pem");
    assert.equal(
      add,
      `sudo install -m 644 '/home/a/ca.pem' '${anchor}' && sudo ${program}`,
    );
    assert.match(
      remove,
      new RegExp(`^sudo rm -f '.*' && sudo ${program}( --fresh)?$`),
    );
  }
  assert.equal(systemAnchor({ name } as never, () => false), undefined);
});

Deno.test("systemStore() says what root is to run where this user may not write", async () => {
  const { run, tools } = scripted([]);
  const authority = await newAuthority();
  const path = "/usr/local/share/ca-certificates/none/x.crt"; // a directory that does not exist: root may not write, either
  const store = systemStore(path, run);
  assert.equal(await store.look(authority), "absent");
  await store.remove(authority);
  const error = await failsWith(
    "certificate_failed",
    store.add(authority, "/home/a/ca.pem"),
  );
  assert.equal(
    `${error.hint}`,
    `run: sudo install -m 644 '/home/a/ca.pem' '${path}' && sudo update-ca-certificates`,
  );
  assert.deepEqual(tools, []);
});
