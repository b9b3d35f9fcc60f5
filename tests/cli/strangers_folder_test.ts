/** A repository of a stranger's, in which somebody runs tdauth: what its `.env` and its files may not do. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  generateEphemeralKeys,
  makeWith,
} from "../../src/certificate/local_ca.ts";
import {
  certutilTest,
  contents,
  makeDatabase,
  otherCa,
} from "../certificate/nss_support.ts";
import { denoProcess } from "../../tools/deno.ts";
import { only } from "../support.ts";
import { assertError, assertErrorLines, jsonOf, modeOf } from "./asserts.ts";
import { APPROVE, type Machine, startMachine } from "./machine.ts";

const SCRIPT = fileURLToPath(new URL("strangers_script.ts", import.meta.url));

function dotenv(machine: Machine, ...lines: readonly string[]): void {
  Deno.writeTextFileSync(`${machine.cwd}/.env`, lines.join("\n") + "\n");
}

/** A `certificate.json` whose CA may vouch for every name there is, and whose key the stranger keeps. */
async function strangersCertificate(): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const { cert, key, notAfter } = await makeWith(
    await generateEphemeralKeys(),
    now,
  );
  // By its name it is one of ours, and the certificate is said to be below it.
  const name = /tdauth local CA [0-9a-f]{16}/.exec(
    atob(cert.replace(/-.*-|\s/g, "")),
  )?.[0] ?? "";
  const ca = await otherCa(name);
  return JSON.stringify({ version: 2, not_after: notAfter, cert, ca, key });
}

/** All files below a directory, with their modes and texts. */
function everything(path: string): Record<string, string> {
  const all: Record<string, string> = {};
  for (const { name, isDirectory, isFile } of Deno.readDirSync(path)) {
    const one = `${path}/${name}`;
    all[one] = `${modeOf(one)}`;
    if (isDirectory) Object.assign(all, everything(one));
    else if (isFile) all[one] += ` ${Deno.readTextFileSync(one)}`;
  }
  return all;
}

const COMMANDS = [
  ["token"],
  ["header"],
  ["status"],
  ["refresh"],
  ["login"],
  ["logout"],
  ["logout", "--all"],
  ["exec", "--", "true"],
  ["fetch", "/x"],
  ["import", "file.json"],
  ["export", "--format", "pytd"],
  ["configure", "--consumer-key", "K"],
  ["cert", "show"],
  ["cert", "trust", "--yes"],
  ["cert", "renew", "--yes"],
  ["cert", "untrust"],
  ["unseal"],
  ["serve"],
  ["serve", "--install"],
] as const;

Deno.test("tdauth exits with 2 when .env names a directory, whatever the command, and changes nothing in it", async () => {
  await using machine = await startMachine();
  const theirs = `${machine.cwd}/.tdauth`;
  Deno.mkdirSync(theirs, { mode: 0o755 });
  Deno.writeTextFileSync(
    `${theirs}/certificate.json`,
    await strangersCertificate(),
    { mode: 0o600 },
  );
  dotenv(machine, "TD_CONFIG_DIR=.tdauth");
  Deno.writeTextFileSync(
    `${machine.cwd}/file.json`,
    '{"refresh_token":{"token":"R","access_time":1,"expires_in":1e9},"access_token":null}',
  );
  const before = [everything(machine.home), everything(theirs)];
  for (const command of COMMANDS) {
    assertError(
      await machine.run(command, { env: machine.appEnv }),
      2,
      /^tdauth: cannot take TD_CONFIG_DIR from \.env: .* may not choose the configuration directory$/,
      /^hint: set TD_CONFIG_DIR in the environment, or use --config-dir; then remove the line from \.env$/,
    );
  }
  assert.deepEqual([everything(machine.home), everything(theirs)], before);
});

Deno.test(
  only(
    "Unix",
    "tdauth renames, closes and changes nothing of the user's, where a directory and a consumer key name it",
  ),
  async () => {
    await using machine = await startMachine();
    const { home } = machine;
    const files = {
      ".ssh/authorized_keys": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@home\n",
      "Documents/letter.json": '{"dear": "you"}\n',
      ".docker/config.json": '{"auths":{"example.com":{"auth":"CANARY"}}}\n',
    };
    for (const [path, text] of Object.entries(files)) {
      const [directory = ""] = path.split("/");
      Deno.mkdirSync(`${home}/${directory}`);
      Deno.writeTextFileSync(`${home}/${path}`, text, { mode: 0o644 });
      Deno.chmodSync(`${home}/${directory}`, path[0] === "." ? 0o700 : 0o755);
    }
    const before = everything(home);
    const { TD_CONSUMER_KEY: _, ...env } = machine.appEnv;
    for (const path of Object.keys(files)) {
      const [directory = "", key = ""] = path.split("/");
      dotenv(machine, `TD_CONSUMER_KEY=${key}`);
      for (const command of [["token"], ["status"], ["logout"], ["refresh"]]) {
        const { code, stderr } = await machine.run(command, {
          env: { ...env, TD_CONFIG_DIR: `${home}/${directory}` },
        });
        // Docker's is private, and a token file has another name there.
        if (directory !== ".docker") assert.equal(code, 1, stderr);
      }
      if (directory !== ".docker") {
        const login = await machine.run(["login", "--browser", APPROVE], {
          env: { ...env, TD_CONFIG_DIR: `${home}/${directory}` },
        });
        assert.equal(login.code, 1, login.stderr);
        assert.doesNotMatch(login.stderr, /Logged in/);
        assert.match(
          login.stderr,
          /contains something else; left unchanged|it contains other files/,
        );
      }
    }
    const after = everything(home);
    for (const [path, text] of Object.entries(before)) {
      assert.equal(after[path], text, path);
    }
  },
);

Deno.test("tdauth says on stderr which profile .env has chosen, in each command, and nothing on stdout of it", async () => {
  await using machine = await startMachine();
  machine.writeConfig({ work: { consumerKey: "W", provider: "schwab" } });
  dotenv(machine, "TD_PROFILE=work");
  const note = 'tdauth: using profile "work" (TD_PROFILE in .env)\n';
  for (const command of [["status", "--json"], ["cert", "show"], ["token"]]) {
    const { stderr, stdout } = await machine.run(command);
    assert.equal(stderr.indexOf(note), 0, stderr);
    assert.doesNotMatch(stdout, /\.env/);
  }
  const own = await machine.run(["status", "--json", "--profile", "work"]);
  assert.doesNotMatch(own.stderr, /using profile/);
  assert.equal(jsonOf(own)["profile"], "work");
});

Deno.test("tdauth login saves nothing from .env in config.json, and says so; tdauth configure saves it, and says so", async () => {
  await using machine = await startMachine();
  const { TD_CONSUMER_KEY, TD_CALLBACK_URL, ...env } = machine.appEnv;
  dotenv(
    machine,
    `TD_CONSUMER_KEY=${TD_CONSUMER_KEY}`,
    `TD_CALLBACK_URL=${TD_CALLBACK_URL}`,
  );
  const login = await machine.run(["login", "--browser", APPROVE], { env });
  assert.equal(login.code, 0, login.stderr);
  assert.match(
    login.stderr,
    /note: not saved, because it is from \.env: TD_CONSUMER_KEY, TD_CALLBACK_URL \(to save it, run tdauth configure\)/,
  );
  assert.throws(() => machine.readConfig(), Deno.errors.NotFound);
  assert.ok(machine.readTokens().access_token.token.length > 0);
  const configured = await machine.run(["configure"], { env });
  assert.equal(configured.code, 0, configured.stderr);
  assert.match(
    configured.stderr,
    /using from \.env in the working directory: TD_CONSUMER_KEY, TD_CALLBACK_URL\n/,
  );
  assert.equal(
    machine.readConfig().profiles["default"]?.["consumerKey"],
    TD_CONSUMER_KEY,
  );
});

Deno.test("tdauth configure overwrites no profile that .env has chosen, and tdauth logout finds stored tokens whatever .env says", async () => {
  await using machine = await startMachine();
  machine.writeConfig({ work: { consumerKey: "W", provider: "schwab" } });
  const before = machine.readConfig();
  dotenv(machine, "TD_PROFILE=work");
  const { code, stderr } = await machine.run(["configure"], {
    env: machine.appEnv,
  });
  assert.equal(code, 2, stderr);
  assert.match(
    stderr,
    /using profile "work".*\ntdauth: cannot configure: TD_PROFILE in \.env names the profile "work", which would be overwritten\nhint: .*--profile NAME\n$/,
  );
  assert.deepEqual(machine.readConfig(), before);
  await machine.signIn();
  dotenv(machine, "TD_STORE_TOKENS=False");
  const logout = await machine.run(["logout"], { env: machine.appEnv });
  assert.match(logout.stderr, /^Forgotten here /m);
  assert.equal(machine.readTokens().refresh_token, null);
});

Deno.test("tdauth exits with 2 for a provider or profile that only JavaScript or a shell would know", async () => {
  await using machine = await startMachine();
  for (const name of ["constructor", "toString", "__proto__"]) {
    dotenv(machine, `TD_PROVIDER=${name}`);
    const { TD_PROVIDER: _, ...env } = machine.appEnv;
    assertError(
      await machine.run(["status"], { env }),
      2,
      /as the provider: there is none of that name$/,
    );
  }
  dotenv(machine, "TD_PROFILE=--config-dir");
  assertError(
    await machine.run(["status"], { env: machine.appEnv }),
    2,
    /cannot use "--config-dir" as profile/,
  );
});

Deno.test("authorize() in a stranger's folder refuses what the commands refuse, and renames nothing", async () => {
  await using machine = await startMachine();
  const victim = `${machine.home}/.ssh/authorized_keys`;
  Deno.mkdirSync(`${machine.home}/.ssh`, { mode: 0o700 });
  Deno.writeTextFileSync(victim, "ssh-ed25519 AAAA me@home\n");
  const script = async (env: Record<string, string> = {}) => {
    const { stdout, stderr } = await denoProcess(["run", "-A", SCRIPT], {
      cwd: machine.cwd,
      env: { HOME: machine.home, ...env },
    }).output();
    const [out = "", err = ""] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    return { ...JSON.parse(out), stderr: err };
  };
  dotenv(machine, "TD_CONFIG_DIR=~/.ssh", "TD_CONSUMER_KEY=authorized_keys");
  const refused = await script();
  assert.equal(refused.code, "invalid_options");
  assert.match(refused.message, /cannot take TD_CONFIG_DIR from \.env/i);
  dotenv(machine, "TD_PROFILE=none", "TD_LOG_LEVEL=error");
  const silenced = await script();
  assert.match(
    silenced.stderr,
    /using profile "none" \(TD_PROFILE in/,
  );
  dotenv(machine, "TD_CONSUMER_KEY=authorized_keys");
  const other = await script({ TD_CONFIG_DIR: `${machine.home}/.ssh` });
  assert.equal(other.code, "cache_unreadable");
  assert.match(other.message, /contains something else; left unchanged/);
  assert.equal(
    Deno.readTextFileSync(victim),
    "ssh-ed25519 AAAA me@home\n",
  );
});

certutilTest(
  "tdauth cert trust adds no CA that it did not make, wherever it lies, shows no command that does, and renew makes a new one (line 52)",
  async () => {
    await using machine = await startMachine();
    const store = `${machine.home}/.pki/nssdb`;
    await makeDatabase(store);
    const path = `${machine.configDir}/certificate.json`;
    Deno.mkdirSync(machine.configDir, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(path, await strangersCertificate(), { mode: 0o600 });
    const before = [await contents(store), everything(machine.home)];
    for (
      const [more, env] of [
        [[], {}],
        [["--system"], {}],
        [[], { WSL_DISTRO_NAME: "Debian" }],
      ] as const
    ) {
      const result = await machine.run(["cert", "trust", "--yes", ...more], {
        env,
      });
      assertErrorLines(
        result,
        1,
        /^tdauth: cannot trust the local CA: /,
        /^hint: .*generate a new one: tdauth cert renew$/,
      );
      assert.doesNotMatch(result.stderr, /sudo|certutil|valid only/);
    }
    assert.deepEqual([await contents(store), everything(machine.home)], before);

    const show = await machine.run(["cert", "show", "--json"]);
    assert.equal(jsonOf(show)["authority_verified"], false);
    const shown = await machine.run(["cert", "show"]);
    assert.match(shown.stdout, /do not trust it: /);
    assert.match(shown.stdout, /tdauth cert renew/);
    assert.doesNotMatch(shown.stdout, /cert trust/);

    const renewed = await machine.run(["cert", "renew"]);
    assert.equal(renewed.code, 0, renewed.stderr);
    const trusted = await machine.run(["cert", "trust", "--yes"]);
    assert.equal(trusted.code, 0, trusted.stderr);
    const again = await machine.run(["cert", "show", "--json"]);
    assert.equal(jsonOf(again)["authority_verified"], true);
    assert.match(await contents(store), /tdauth local CA/);
  },
);

certutilTest(
  "tdauth cert trust writes over no ca.pem of another program's",
  async () => {
    await using machine = await startMachine();
    await makeDatabase(`${machine.home}/.pki/nssdb`);
    Deno.mkdirSync(machine.configDir, { recursive: true, mode: 0o700 });
    const path = `${machine.configDir}/ca.pem`;
    const theirs = await otherCa("Somebody's CA");
    Deno.writeTextFileSync(path, theirs);
    const result = await machine.run(["cert", "trust", "--yes"]);
    assert.equal(result.code, 1, result.stderr);
    assert.match(result.stderr, /ca\.pem": it is not tdauth's/);
    assert.equal(Deno.readTextFileSync(path), theirs);
  },
);

Deno.test("tdauth configure writes nothing into another program's config.json", async () => {
  await using machine = await startMachine();
  Deno.mkdirSync(machine.configDir, { recursive: true, mode: 0o700 });
  const path = `${machine.configDir}/config.json`;
  const text = '{"auths":{"example.com":{"auth":"x"}}}';
  Deno.writeTextFileSync(path, text);
  assertErrorLines(
    await machine.run(["configure"], { env: machine.appEnv }),
    1,
    /config\.json": it is not tdauth's; left unchanged$/,
    /use a separate directory/,
  );
  assert.equal(Deno.readTextFileSync(path), text);
});
