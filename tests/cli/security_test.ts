/** Lines of the security checklist that only the running program can show. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { send } from "../login/raw_http.ts";
import { until } from "../premise.ts";
import { only } from "../support.ts";
import { assertError, assertQuiet } from "./asserts.ts";
import { type Machine, Running, startMachine } from "./machine.ts";
import { collect, refuseSecrets } from "./secrets.ts";
import { deno, denoEnvironment, denoLine } from "../../tools/deno.ts";

const PROBE = fileURLToPath(
  new URL("../fuzz/probe_browser.ts", import.meta.url),
);

/** Starts a login without a browser; returns it and its page's address. */
async function loggingIn(machine: Machine): Promise<[Running, URL]> {
  const login = machine.start(["login", "--no-browser"], {
    env: machine.appEnv,
  });
  const [, url = ""] = await login.sees(/\n {2}(http:\/\/\S+)\n/);
  await login.sees(/Waiting /);
  return [login, new URL(url)];
}

/** The addresses that something listens on a port at, as /proc has them. */
function listening(port: number): string[] {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return ["tcp", "tcp6"].flatMap((family) =>
    Deno.readTextFileSync(`/proc/net/${family}`).split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => local?.endsWith(hex) && state === "0A")
      .map(([, local = ""]) => local.slice(0, -hex.length))
  ).sort();
}

for (const scheme of ["http", "https"] as const) {
  Deno.test({
    ...only(
      "Linux",
      `tdauth login listens only on 127.0.0.1 and ::1, and answers there before the browser opens, over ${scheme}`,
    ),
    async fn() {
      await using machine = await startMachine({
        broker: "tdameritrade",
        scheme,
        host: "localhost",
      });
      const file = `${machine.cwd}/answered`;
      const probe = denoLine("run", "-A", PROBE, file);
      assertQuiet(
        await machine.run(["login", "--browser", probe], {
          env: machine.appEnv,
        }),
      );
      assert.deepEqual(JSON.parse(Deno.readTextFileSync(file)), [
        "127.0.0.1",
        "::1",
      ]);

      const [login, page] = await loggingIn(machine);
      const v6 = "00000000000000000000000001000000";
      assert.deepEqual(listening(machine.port), [v6, "0100007F"]);
      await machine.sandbox.approve(page.href);
      assertQuiet(await login.result);
      assert.deepEqual(listening(machine.port), []);
    },
  });
}

Deno.test("tdauth login sends a new state of at least 128 bits each time, and no secret in the URL", async () => {
  await using machine = await startMachine();
  const states = new Set<string>();
  for (let round = 0; round < 2; round++) {
    const [login, page] = await loggingIn(machine);
    const state = page.searchParams.get("state") ?? "";
    assert.match(state, /^[A-Za-z0-9_-]{22,}$/);
    assert.ok(new Set(state).size > 8, state);
    states.add(state);
    for (const secret of machine.secrets) {
      assert.ok(!page.href.includes(encodeURIComponent(secret)));
    }
    login.kill("SIGINT");
    await login.result;
  }
  assert.equal(states.size, 2);
});

Deno.test("tdauth login exchanges only the first valid callback's code, whatever comes after it", async () => {
  await using machine = await startMachine({
    broker: "tdameritrade",
    scheme: "http",
  });
  const [login, page] = await loggingIn(machine);
  const redirect = new URL(await machine.sandbox.approveAndCopy(page.href));
  machine.secrets.add(redirect.searchParams.get("code") ?? "");
  const state = page.searchParams.get("state");
  machine.sandbox.failNext({ delayMs: 3000 });
  const target = { port: machine.port };
  const { status } = await send(target, `/${redirect.search}`);
  assert.equal(status, 303);
  const exchanges = () =>
    machine.sandbox.requests.filter(({ endpoint }) => endpoint === "token")
      .length;
  await until("the exchange is under way", () => exchanges() === 1, login);
  const others = Array.from(
    { length: 5 },
    (_, index) => send(target, `/?code=CANARY-OTHER-${index}&state=${state}`),
  );
  for (const answer of await Promise.all(others)) {
    assert.equal(answer.status, 303);
  }
  // They came before its answer: nothing is stored yet.
  assert.throws(() => machine.readTokens(), Deno.errors.NotFound);
  assertQuiet(await login.result);
  assert.equal(exchanges(), 1);
});

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`tdauth refresh sends nothing where a token endpoint redirects it with ${status}`, async () => {
    await using machine = await startMachine();
    await machine.signIn();
    const { access_token, refresh_token } = machine.readTokens();
    let caught = 0;
    await using thief = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen() {},
    }, () => {
      caught++;
      return Response.json({ access_token: "stolen", token_type: "Bearer" });
    });
    machine.sandbox.failNext({
      status,
      headers: { location: `http://127.0.0.1:${thief.addr.port}/token` },
    });
    assertError(
      await machine.run(["refresh"], { env: machine.appEnv }),
      1,
      new RegExp(`redirect \\(${status}\\)`),
      /^hint: /,
    );
    assert.equal(caught, 0);
    const after = machine.readTokens();
    assert.deepEqual(after.access_token, access_token);
    assert.deepEqual(after.refresh_token, refresh_token);
  });
}

Deno.test({
  ...only(
    "Linux",
    "tdauth login has no secret in its own arguments, and its browser has none in its arguments and environment",
  ),
  async fn() {
    await using machine = await startMachine();
    await machine.signIn();
    const file = `${machine.cwd}/pid`;
    const sleeper = `sh -c "echo $$ > '${file}'; exec sleep 300" sh`;
    const login = machine.start(
      ["login", "--force", "--browser", sleeper],
      { env: machine.appEnv },
    );
    let browser = 0;
    await until("the browser runs", () => {
      try {
        browser = Number(Deno.readTextFileSync(file));
      } catch {
        // it does not run yet
      }
      return browser !== 0;
    }, login);
    for (const pid of [login.pid, browser]) {
      const files = pid === login.pid ? ["cmdline"] : ["cmdline", "environ"];
      for (const name of files) {
        const text = Deno.readTextFileSync(`/proc/${pid}/${name}`);
        for (const secret of machine.secrets) {
          assert.ok(!text.includes(secret), `${name} of ${pid}`);
          assert.ok(!text.includes(encodeURIComponent(secret)));
        }
        if (name === "environ") assert.doesNotMatch(text, /(^|\0)TD_/);
      }
    }
    Deno.kill(browser, "SIGKILL");
    login.kill("SIGINT");
    assert.equal((await login.result).code, 4);
  },
});

Deno.test("authorize() shows no secret in a script's output at the highest log level, from a dead refresh token to a new login", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  machine.age("access_token", 8 * 86_400);
  machine.age("refresh_token", 8 * 86_400);
  const module = import.meta.resolve("../../mod.ts");
  const sandbox = import.meta.resolve("../../src/sandbox/mod.ts");
  const script = `${machine.cwd}/script.ts`;
  Deno.writeTextFileSync(
    script,
    `import { authorize } from "${module}";
import { approve } from "${sandbox}";
const td = await authorize({ openUrl: (url) => approve(url) });
console.log(td, JSON.stringify(td));
await td.refresh();
await td.logout();
console.log(td);
`,
  );
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const [program, ...args] = deno(
    "run",
    "-A",
    "--frozen",
    `--config=${config}`,
    script,
  );
  const running = new Running(program, {
    args,
    cwd: machine.cwd,
    env: {
      ...inherited(["PATH", "SSL_CERT_FILE", "DENO_TLS_CA_STORE"]),
      ...machine.appEnv,
      HOME: machine.home,
      ...denoEnvironment(),
      TD_LOG_LEVEL: "debug",
      NO_COLOR: "1",
    },
    inspect: (result) => {
      collect(machine.secrets, new Set(), machine.configDir);
      refuseSecrets(result, machine.secrets, ["authorize()"]);
    },
  });
  const { code, stdout, stderr } = await running.result;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /redacted/);
  assert.match(stderr, /logged in/);
});

function inherited(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [name, Deno.env.get(name) ?? ""]).filter(([, value]) =>
      value !== ""
    ),
  );
}
