import assert from "node:assert/strict";
import { assertLine, examined } from "./doctor.ts";
import { type Machine, startMachine } from "./machine.ts";
import { untilFree } from "../support.ts";

const openssl = hasOpenssl();

Deno.test("tdauth doctor shows the callback URL, and that its port is available", async () => {
  await using machine = await startMachine({ host: "localhost" });
  const { port } = machine;
  const lines = await examined(machine);
  assertLine(
    lines,
    "port",
    "ok",
    new RegExp(`^available: 127\\.0\\.0\\.1:${port}( and \\[::1\\]:${port})?$`),
  );
  assert.equal(
    lines.find(({ check }) => check === "callback_url")?.what,
    `https://localhost:${port} (environment)`,
  );
  // It has let go of the port.
  await untilFree(port);
});

/** Callback URLs, and what is said of them at Schwab. */
const URLS: readonly [string, "warning" | "failed", RegExp][] = [
  ["http://127.0.0.1:8182", "failed", /Schwab accepts only https/],
  ["ftp://127.0.0.1:8182", "failed", /neither http nor https/],
  ["127.0.0.1", "failed", /not a URL/],
  ["https://me@127.0.0.1:8182", "failed", /user name/],
  ["https://127.0.0.1:8182/#here", "failed", /fragment/],
  ["https://127.0.0.1:8182/", "warning", /ends in a slash/],
  ["HTTPS://127.0.0.1:8182", "warning", /compares it exactly/],
  ["https://localhost:8182", "warning", /rather than localhost/],
  ["https://127.0.0.1:6667", "warning", /browsers refuse to open port 6667/],
  ["https://127.0.0.1", "warning", /below 1024/],
  ["https://example.com/callback", "warning", /not on this machine/],
];

for (const [url, state, what] of URLS) {
  Deno.test(`tdauth doctor says what is wrong with the callback URL ${url}`, async () => {
    await using machine = await startMachine();
    const lines = await examined(machine, ["--offline"], {
      env: { TD_CALLBACK_URL: url },
    });
    assertLine(lines, "callback_url", state, what, /./);
    if (state === "failed" || url.includes("example.com")) {
      assert.ok(!lines.some(({ check }) => check === "port"));
    }
  });
}

Deno.test("tdauth doctor fails without a callback URL", async () => {
  await using machine = await startMachine();
  const lines = await examined(machine, ["--offline"], {
    env: { TD_CALLBACK_URL: undefined },
  });
  assertLine(lines, "callback_url", "failed", /not set/, /tdauth configure$/);
});

for (const [host, at] of [["127.0.0.1", "127.0.0.1"], ["localhost", "::1"]]) {
  Deno.test(`tdauth doctor fails when another program listens on ${at} of the port of ${host}, and names it`, async () => {
    await using machine = await startMachine({ host: host ?? "" });
    using _listener = Deno.listen({ hostname: at ?? "", port: machine.port });
    assertLine(
      await examined(machine),
      "port",
      "failed",
      Deno.build.os === "linux"
        ? new RegExp(`${machine.port}: another.*, process ${Deno.pid}\\)$`)
        : /another program/,
      Deno.build.os === "linux"
        ? new RegExp(`ps -fp ${Deno.pid}$`)
        : /lsof|netstat/,
    );
  });
}

Deno.test("tdauth doctor only warns about a port that a tdauth login waits on", async () => {
  await using machine = await startMachine({ scheme: "http" });
  const login = machine.start(["login", "--no-browser"], {
    env: { ...machine.appEnv, TD_PROVIDER: "tdameritrade" },
  });
  await login.sees(/response_type=code/);
  const lines = await examined(machine, ["--offline"], {
    env: { TD_PROVIDER: "tdameritrade" },
  });
  assertLine(lines, "port", "warning", /another login is waiting/, /Ctrl-C/);
  assertLine(lines, "lock", "warning", /a login is in progress/, /./);
  login.kill("SIGINT");
  await login.result;
});

Deno.test("tdauth doctor reports the stored certificate: not generated yet, valid, expiring soon, damaged, readable by others", async () => {
  await using machine = await startMachine();
  assertLine(await examined(machine), "certificate", "ok", /first login/);
  const path = `${machine.configDir}/certificate.json`;
  await login(machine);
  assertLine(
    await examined(machine),
    "certificate",
    "ok",
    /valid until \w+day/,
  );
  const file = JSON.parse(Deno.readTextFileSync(path));
  const write = (value: unknown) =>
    Deno.writeTextFileSync(path, JSON.stringify(value));
  write({ ...file, not_after: Math.floor(Date.now() / 1000) + 86_400 });
  assertLine(
    await examined(machine),
    "certificate",
    "ok",
    /generates a new one/,
  );
  write({ ...file, key: "damaged" });
  assertLine(await examined(machine), "certificate", "warning", /damaged/, /./);
  write(file);
  Deno.chmodSync(path, 0o644);
  const lines = await examined(machine);
  assertLine(lines, "certificate", "warning", /was readable by others/, /./);
  assertLine(lines, "file", "warning", /certificate\.json/, /chmod 600/);
});

/** A login makes the certificate, whoever makes the login. */
async function login(machine: Machine): Promise<void> {
  const running = machine.start(["login", "--no-browser"], {
    env: machine.appEnv,
  });
  await running.sees(/response_type=code/);
  running.kill("SIGINT");
  await running.result;
}

Deno.test({
  name:
    `tdauth doctor checks the user's own certificate: its key, its end, its names, and who can read the key${
      openssl ? "" : " (ignored: there is no openssl)"
    }`,
  ignore: !openssl,
  fn: async () => {
    await using machine = await startMachine();
    const { cwd } = machine;
    make(cwd, "good", "IP:127.0.0.1", 90);
    make(cwd, "soon", "IP:127.0.0.1", 10);
    make(cwd, "other", "DNS:example.com", 90);
    const run = (cert: string | undefined, key = cert) =>
      examined(machine, ["--offline"], {
        env: {
          TD_CERT_FILE: cert === undefined ? undefined : `${cwd}/${cert}.pem`,
          TD_KEY_FILE: key === undefined ? undefined : `${cwd}/${key}.key`,
        },
      });
    assertLine(await run("good"), "certificate", "ok", /your own, valid until/);
    assertLine(await run("soon"), "certificate", "warning", /10 days/, /./);
    assertLine(await run("other"), "certificate", "failed", /not for 127/, /./);
    assertLine(
      await run("good", "soon"),
      "certificate",
      "failed",
      /the key does not match the certificate$/,
      /matching key/,
    );
    assertLine(
      await run(undefined, "good"),
      "certificate",
      "failed",
      /key/,
      /both/,
    );
    assertLine(await run("absent"), "certificate", "failed", /not exist/, /./);
    Deno.chmodSync(`${cwd}/good.key`, 0o644);
    assertLine(
      await run("good"),
      "certificate",
      "warning",
      /others can read/,
      /chmod 600 '.*good\.key'$/,
    );
    Deno.writeTextFileSync(
      `${cwd}/bad.pem`,
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    assertLine(await run("bad", "good"), "certificate", "failed", /./, /./);
    make(cwd, "old", "IP:127.0.0.1", -1);
    assertLine(await run("old"), "certificate", "failed", /expired on/, /./);
  },
});

/** Makes a certificate and its key; `req -x509` would not make one that has expired. */
function make(cwd: string, name: string, names: string, days: number): void {
  Deno.writeTextFileSync(`${cwd}/extensions`, `subjectAltName=${names}`);
  for (
    const words of [
      `req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout ${name}.key -out ${name}.csr`,
      `x509 -req -in ${name}.csr -signkey ${name}.key -days ${days} -extfile extensions -out ${name}.pem`,
    ]
  ) {
    const { success, stderr } = new Deno.Command("openssl", {
      cwd,
      args: words.split(" "),
    }).outputSync();
    assert.ok(success, new TextDecoder().decode(stderr));
  }
  Deno.chmodSync(`${cwd}/${name}.key`, 0o600);
}

function hasOpenssl(): boolean {
  try {
    return new Deno.Command("openssl", { args: ["version"] }).outputSync()
      .success;
  } catch {
    return false;
  }
}
