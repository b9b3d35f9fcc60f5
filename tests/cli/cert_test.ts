import assert from "node:assert/strict";
import { makeLocalCertificate } from "../../src/certificate/local_ca.ts";
import {
  addOther,
  certutil,
  certutilTest,
  contents,
  makeDatabase,
} from "../certificate/nss_support.ts";
import { assertError, assertErrorLines, jsonOf, modeOf } from "./asserts.ts";
import { APPROVE, type Machine, startMachine } from "./machine.ts";

const WARNING = /Your browser will warn about an unknown certificate/;

/** A machine with Chromium's database and a Firefox profile, which know another's CA already. */
async function startBrowsers(): Promise<{
  readonly machine: Machine;
  readonly chromium: string;
  readonly firefox: string;
}> {
  const machine = await startMachine();
  const chromium = `${machine.home}/.pki/nssdb`;
  const firefox = `${machine.home}/.mozilla/firefox/x1y2.default-esr`;
  for (const path of [chromium, firefox]) {
    await makeDatabase(path);
    await addOther(path, "Somebody's CA");
  }
  return { machine, chromium, firefox };
}

/** The names of tdauth's CAs in a database, and how they are trusted. */
async function ours(directory: string): Promise<string[]> {
  const list = await certutil(directory, ["-L"]);
  return [...list.matchAll(/^(tdauth local CA \w+) +(\S+) *$/gm)]
    .map(([, name, trust]) => `${name} ${trust}`);
}

function authorityOf(machine: Machine): string {
  const { ca } = JSON.parse(
    Deno.readTextFileSync(`${machine.configDir}/certificate.json`),
  );
  const [ours] =
    /tdauth local CA [0-9a-f]{16}/.exec(atob(ca.replace(/-.*-|\s/g, ""))) ?? [];
  return ours ?? "none";
}

for (const command of ["show", "renew", "trust", "untrust"]) {
  Deno.test(`tdauth cert ${command} --help shows what it does, its flags and an example`, async () => {
    await using machine = await startMachine();
    const help = await machine.run(["cert", command, "--help"]);
    assert.deepEqual([help.code, help.stderr], [0, ""]);
    assert.match(help.stdout, new RegExp(`^Usage: tdauth cert ${command} `));
    assert.match(
      help.stdout,
      new RegExp(`\nExample:\n  tdauth cert ${command}.*\n$`),
    );
  });
}

Deno.test("tdauth cert exits with 2 without a command of its own, and for one that it has not", async () => {
  await using machine = await startMachine();
  assertError(
    await machine.run(["cert"]),
    2,
    /no command specified$/,
    /^hint: see tdauth cert --help$/,
  );
  assertError(
    await machine.run(["cert", "trsut"]),
    2,
    /unknown command 'trsut'$/,
    /^hint: did you mean trust\?$/,
  );
});

certutilTest(
  "tdauth cert trust says what it does, makes Chromium and Firefox trust the CA only for servers, and can be repeated",
  async () => {
    const { machine, chromium, firefox } = await startBrowsers();
    await using _ = machine;
    const first = await machine.run(["cert", "trust", "--yes"]);
    assert.deepEqual([first.code, first.stdout], [0, ""], first.stderr);
    const name = authorityOf(machine);
    assert.equal(
      first.stderr,
      `${name} will be trusted in\n` +
        "  Chromium and Chrome  ~/.pki/nssdb\n" +
        "  Firefox, profile x1y2.default-esr  ~/.mozilla/firefox/x1y2.default-esr\n" +
        "It is valid only for localhost, 127.0.0.1 and ::1, and its private key\n" +
        "no longer exists. tdauth cert untrust undoes this.\n" +
        "Trusted. Restart any open browser.\n",
    );
    for (const store of [chromium, firefox]) {
      assert.deepEqual(await ours(store), [`${name} C,,`]);
    }
    for (const file of ["certificate.json", "trust.json", "ca.pem"]) {
      assert.equal(modeOf(`${machine.configDir}/${file}`), 0o600);
    }
    const { key } = JSON.parse(
      Deno.readTextFileSync(`${machine.configDir}/certificate.json`),
    );
    for (const file of ["trust.json", "ca.pem"]) {
      const text = Deno.readTextFileSync(`${machine.configDir}/${file}`);
      assert.doesNotMatch(text, /PRIVATE KEY/);
      assert.ok(!text.includes(key.split("\n")[1]));
    }
    const before = await contents(chromium);
    const again = await machine.run(["cert", "trust"]); // nothing to ask
    assert.deepEqual(
      [again.code, again.stderr],
      [0, "Trusted already; nothing to do.\n"],
    );
    assert.equal(await contents(chromium), before);
  },
);

certutilTest(
  "tdauth cert trust adds nothing without a terminal, nor when the user does not agree",
  async () => {
    const { machine, chromium } = await startBrowsers();
    await using _ = machine;
    const before = await contents(chromium);
    assertErrorLines(
      await machine.run(["cert", "trust"], { stdin: "yes\n" }),
      2,
      /this needs confirmation, and there is no terminal$/,
      /^hint: .*--yes$/,
      /will be trusted in\n/,
    );
    assert.equal(await contents(chromium), before);
    for (const answer of ["no", "", "maybe\rno"]) {
      const running = machine.start(["cert", "trust"], { terminal: true });
      await running.sees(/Continue\? \(yes or no\)/, "stdout");
      await running.write(`${answer}\r`);
      const { code, stdout } = await running.result;
      assert.equal(code, 4, stdout);
      assert.match(stdout, /not confirmed; nothing was changed/);
      assert.equal(await contents(chromium), before);
    }
    const running = machine.start(["cert", "trust"], { terminal: true });
    await running.sees(/Continue\? \(yes or no\)/, "stdout");
    await running.write("yes\r");
    assert.equal((await running.result).code, 0);
    assert.equal((await ours(chromium)).length, 1);
  },
);

certutilTest(
  "tdauth cert untrust removes exactly what was added, also when the certificate or a store is gone",
  async () => {
    const { machine, chromium, firefox } = await startBrowsers();
    await using _ = machine;
    const before = [await contents(chromium), await contents(firefox)];
    await machine.run(["cert", "trust", "--yes"]);
    await addOther(chromium, "Added later");
    const name = authorityOf(machine);
    const done = await machine.run(["cert", "untrust"]);
    assert.equal(done.code, 0, done.stderr);
    assert.match(
      done.stderr,
      new RegExp(
        `^Removed ${name} from\n  Chromium and Chrome  ~/.pki/nssdb\n`,
      ),
    );
    assert.match(await certutil(chromium, ["-L"]), /^Added later +CT,C,C/m);
    await certutil(chromium, ["-D", "-n", "Added later"]);
    assert.deepEqual(
      [await contents(chromium), await contents(firefox)],
      before,
    );
    const again = await machine.run(["cert", "untrust"]);
    assert.deepEqual([again.code, again.stdout], [0, ""]);
    assert.match(again.stderr, /^Nothing to undo/);

    await machine.run(["cert", "trust", "--yes"]);
    Deno.removeSync(`${machine.configDir}/certificate.json`);
    Deno.removeSync(firefox, { recursive: true });
    const gone = await machine.run(["cert", "untrust", "--json"]);
    assert.equal(gone.code, 0, gone.stderr);
    const { removed } = jsonOf(gone) as { removed: Record<string, string>[] };
    assert.deepEqual(removed.map(({ path }) => path), [chromium]);
    assert.equal(await contents(chromium), before[0]);
    assert.equal((await machine.run(["cert", "untrust"])).code, 0);
  },
);

certutilTest(
  "tdauth cert untrust goes on past a store that fails, says what is left, and finishes later",
  async () => {
    const { machine, chromium, firefox } = await startBrowsers();
    await using _ = machine;
    await machine.run(["cert", "trust", "--yes"]);
    const saved = Deno.readFileSync(`${chromium}/cert9.db`);
    Deno.writeTextFileSync(`${chromium}/cert9.db`, "damaged".repeat(100));
    assertErrorLines(
      await machine.run(["cert", "untrust"]),
      1,
      /trust store of Chromium and Chrome: its database is damaged/,
      /^hint: .*certutil -L/,
      /^Removed tdauth local CA \w+ from\n {2}Firefox/,
    );
    assert.deepEqual(await ours(firefox), []);
    Deno.writeFileSync(`${chromium}/cert9.db`, saved);
    assert.equal((await machine.run(["cert", "untrust"])).code, 0);
    assert.deepEqual(await ours(chromium), []);
  },
);

certutilTest(
  "tdauth cert trust goes on past a profile with a password, and names the command for it",
  async () => {
    const { machine, chromium, firefox } = await startBrowsers();
    await using _ = machine;
    Deno.removeSync(firefox, { recursive: true });
    Deno.mkdirSync(firefox);
    Deno.writeTextFileSync(`${machine.cwd}/password`, "a password\n");
    await certutil(firefox, ["-N", "-f", `${machine.cwd}/password`]);
    assertErrorLines(
      await machine.run(["cert", "trust", "--yes"]),
      1,
      /Firefox, profile x1y2.default-esr: it is password-protected$/,
      /^hint: add it by hand: certutil -A /,
      /^Trusted\. /m,
    );
    assert.equal((await ours(chromium)).length, 1);
    assert.deepEqual(await ours(firefox), []);
  },
);

certutilTest(
  "tdauth cert trust and show go on past a damaged profile, and say which it is",
  async () => {
    const { machine, chromium, firefox } = await startBrowsers();
    await using _ = machine;
    Deno.writeTextFileSync(`${firefox}/cert9.db`, "damaged".repeat(100));
    assertErrorLines(
      await machine.run(["cert", "trust", "--yes"]),
      1,
      /Firefox, profile x1y2.default-esr: its database is damaged/,
      /^hint: check it: certutil -L -d '/,
      /^Trusted\. /m,
    );
    assert.deepEqual(await ours(chromium), [`${authorityOf(machine)} C,,`]);
    const shown = await machine.run(["cert", "show"]);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /Chromium and Chrome +trusted\n/);
    assert.match(shown.stdout, /Firefox, profile \S+ +unknown\n/);
    assert.match(
      shown.stderr,
      /^note: Cannot read .* profile x1y2.default-esr: its database is damaged.*\n$/,
    );
    assert.doesNotMatch(shown.stderr, /install/);
  },
);

certutilTest(
  "tdauth cert show looks up where the certificate is trusted now, whatever was noted",
  async () => {
    const { machine, chromium, firefox } = await startBrowsers();
    await using _ = machine;
    const none = await machine.run(["cert", "show"]);
    assert.deepEqual([none.code, none.stdout], [0, ""]);
    assert.match(
      none.stderr,
      /^There is no certificate in ~\/\.config\/tdauth/,
    );
    assert.deepEqual(jsonOf(await machine.run(["cert", "show", "--json"])), {
      kind: null,
    });
    await machine.run(["cert", "trust", "--yes"]);
    const name = authorityOf(machine);
    await certutil(firefox, ["-D", "-n", name]);
    const shown = await machine.run(["cert", "show"]);
    assert.deepEqual([shown.code, shown.stderr], [0, ""]);
    assert.match(shown.stdout, /Names +localhost, 127\.0\.0\.1, ::1\n/);
    assert.match(shown.stdout, /Valid until +\w+day, .*\(396 days left\)\n/);
    assert.match(shown.stdout, /Chromium and Chrome +trusted\n/);
    assert.match(shown.stdout, /Firefox, profile \S+ +not trusted\n/);
    assert.ok(shown.stdout.split("\n").every((line) => line.length <= 80));
    const json = jsonOf(await machine.run(["cert", "show", "--json"]));
    const { stores, ...rest } = json as {
      stores: Record<string, unknown>[];
      [key: string]: unknown;
    };
    assert.deepEqual(
      stores.map(({ path, trusted }) => [path, trusted]),
      [[chromium, true], [firefox, false]],
    );
    assert.deepEqual(rest["names"], ["localhost", "127.0.0.1", "::1"]);
    assert.equal(rest["authority"], name);
    assert.equal(rest["path"], `${machine.configDir}/certificate.json`);
    assert.match(String(rest["fingerprint_sha256"]), /^[0-9a-f]{64}$/);
    assert.equal(
      (rest["valid_until"] as number) - (rest["renewed_from"] as number),
      30 * 86_400,
    );
  },
);

Deno.test("tdauth cert names the package with certutil where there is none, and shows what it can", async () => {
  await using machine = await startMachine();
  Deno.mkdirSync(`${machine.home}/.pki/nssdb`, { recursive: true });
  Deno.writeTextFileSync(`${machine.home}/.pki/nssdb/cert9.db`, "");
  const env = { PATH: "/nonexistent" };
  assertError(
    await machine.run(["cert", "trust", "--yes"], { env }),
    1,
    /: certutil is not installed$/,
    /^hint: install it: apt-get install libnss3-tools /,
  );
  const shown = await machine.run(["cert", "show"], { env });
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /Chromium and Chrome +unknown\n/);
  assert.match(
    shown.stderr,
    /^note: Cannot read .*certutil is not installed \(install it: .*\)\n$/,
  );
  const untrusted = await machine.run(["cert", "untrust"], { env });
  assert.equal(untrusted.code, 0); // nothing was added
});

certutilTest(
  "tdauth cert renew removes the old CA from the stores, and adds the new one only with --yes",
  async () => {
    const { machine, chromium, firefox } = await startBrowsers();
    await using _ = machine;
    const fresh = await machine.run(["cert", "renew"]);
    assert.equal(fresh.code, 0, fresh.stderr);
    assert.match(
      fresh.stderr,
      /^Renewed\. The new CA is tdauth local CA \w+\.\n$/,
    );
    await machine.run(["cert", "trust", "--yes"]);
    const first = authorityOf(machine);
    const renewed = await machine.run(["cert", "renew", "--yes", "--json"]);
    assert.equal(renewed.code, 0, renewed.stderr);
    const second = authorityOf(machine);
    assert.notEqual(second, first);
    const told = jsonOf(renewed) as { removed: Record<string, string>[] };
    assert.deepEqual(
      told.removed.map(({ authority, path }) => [authority, path]),
      [[first, chromium], [first, firefox]],
    );
    for (const store of [chromium, firefox]) {
      assert.deepEqual(await ours(store), [`${second} C,,`]);
    }
    const quiet = await machine.run(["cert", "renew"]);
    assert.equal(quiet.code, 0, quiet.stderr);
    assert.match(
      quiet.stderr,
      /note: run tdauth cert trust to trust/,
    );
    assert.deepEqual(await ours(chromium), []);
  },
);

certutilTest(
  "tdauth login says that the certificate was renewed when its predecessor was trusted, and tdauth cert trust replaces it",
  async () => {
    const { machine, chromium } = await startBrowsers();
    await using _ = machine;
    const login = (profile: string) =>
      machine.run(["login", "--browser", APPROVE, "--profile", profile], {
        env: machine.appEnv,
      });
    const first = await login("one");
    assert.match(first.stderr, WARNING);
    assert.match(
      first.stderr,
      /^tdauth cert trust --profile one stops the warnings\.$/m,
    );
    await machine.run(["cert", "trust", "--yes"]);
    const trusted = await login("two");
    assert.equal(trusted.code, 0, trusted.stderr);
    assert.doesNotMatch(trusted.stderr, /warn|cert trust|renewed/);

    // It ends within 30 days, as the next login finds.
    const path = `${machine.configDir}/certificate.json`;
    const old = authorityOf(machine);
    const file = JSON.parse(Deno.readTextFileSync(path));
    file.not_after = Math.floor(Date.now() / 1000) + 29 * 86_400;
    Deno.writeTextFileSync(path, JSON.stringify(file));
    for (const profile of ["three", "four"]) {
      const renewed = await login(profile);
      assert.equal(renewed.code, 0, renewed.stderr);
      assert.match(
        renewed.stderr,
        /^note: the certificate was renewed; run tdauth cert trust --profile \w+ to trust the new one$/m,
      );
      assert.match(renewed.stderr, WARNING);
    }
    assert.notEqual(authorityOf(machine), old);
    assert.deepEqual(await ours(chromium), [`${old} C,,`]);
    const again = await machine.run(["cert", "trust", "--yes"]);
    assert.equal(again.code, 0, again.stderr);
    assert.match(
      again.stderr,
      /^The previous certificate's CA will/,
    );
    assert.deepEqual(await ours(chromium), [`${authorityOf(machine)} C,,`]);
  },
);

Deno.test("tdauth cert shows a certificate of the user's own, and refuses to renew or trust it", async () => {
  await using machine = await startMachine();
  const own = await makeLocalCertificate(Math.floor(Date.now() / 1000));
  const env = {
    TD_CERT_FILE: `${machine.cwd}/own.pem`,
    TD_KEY_FILE: `${machine.cwd}/own.key`,
  };
  Deno.writeTextFileSync(env.TD_CERT_FILE, own.cert);
  Deno.writeTextFileSync(env.TD_KEY_FILE, own.key);
  const shown = await machine.run(["cert", "show"], { env });
  assert.deepEqual([shown.code, shown.stderr], [0, ""]);
  assert.match(shown.stdout, /Certificate of the callback server {2}your own/);
  assert.ok(!shown.stdout.includes("PRIVATE KEY"));
  const json = jsonOf(await machine.run(["cert", "show", "--json"], { env }));
  assert.deepEqual([json["kind"], json["path"]], ["own", env.TD_CERT_FILE]);
  for (const command of ["renew", "trust"]) {
    assertError(
      await machine.run(["cert", command, "--yes"], { env }),
      2,
      new RegExp(
        `cannot ${command} the certificate: this profile uses your own`,
      ),
      /^hint: renew and trust it with your CA's tools/,
    );
  }
  assert.throws(
    () => Deno.statSync(`${machine.configDir}/certificate.json`),
    Deno.errors.NotFound,
  );
});

Deno.test("tdauth cert show distinguishes a damaged certificate from a missing one", async () => {
  await using machine = await startMachine();
  const none = await machine.run(["cert", "show"]);
  assert.match(none.stderr, /^There is no certificate in /);
  const path = `${machine.configDir}/certificate.json`;
  Deno.mkdirSync(machine.configDir, { recursive: true, mode: 0o700 });
  Deno.writeTextFileSync(path, "{", { mode: 0o600 });
  const { code, stdout, stderr } = await machine.run(["cert", "show"]);
  assert.deepEqual([code, stdout], [0, ""]);
  assert.match(
    stderr,
    /^The certificate in .*certificate\.json is damaged.* generates a new one\.\n$/,
  );
  assert.deepEqual(jsonOf(await machine.run(["cert", "show", "--json"])), {
    kind: null,
    path,
  });
});

Deno.test("tdauth cert untrust refuses a damaged trust.json rather than forget what was added", async () => {
  await using machine = await startMachine();
  Deno.mkdirSync(machine.configDir, { recursive: true, mode: 0o700 });
  Deno.writeTextFileSync(`${machine.configDir}/trust.json`, "{", {
    mode: 0o600,
  });
  assertError(
    await machine.run(["cert", "untrust"]),
    1,
    /trust\.json": it is damaged$/,
    /^hint: delete it, /,
  );
  assert.equal(
    Deno.readTextFileSync(`${machine.configDir}/trust.json`),
    "{",
  );
});
