/** `tdauth hook test` and `tdauth status --notify`. */
import assert from "node:assert/strict";
import { recorder } from "../hooks/scripts.ts";
import { only } from "../support.ts";
import { assertError, assertErrorLines, jsonOf } from "./asserts.ts";
import { type Machine, startMachine } from "./machine.ts";

const HOOK_TEST = ["hook", "test"];
const DAY = 86_400;
const HOUR = 3600;

/** Writes the hooks into config.json, beside the profiles. */
function writeHooks(machine: Machine, hooks: unknown): void {
  Deno.mkdirSync(machine.configDir, { recursive: true, mode: 0o700 });
  const path = `${machine.configDir}/config.json`;
  let file = {};
  try {
    file = JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  Deno.writeTextFileSync(path, JSON.stringify({ ...file, hooks }), {
    mode: 0o600,
  });
}

/** A machine that is logged in, with a hook that writes down what it is told. */
async function stage(left = 7 * DAY) {
  const machine = await startMachine();
  const hook = recorder(machine.home);
  await machine.signIn();
  machine.age("refresh_token", 7 * DAY - left);
  writeHooks(machine, [{ run: hook.run }]);
  const env = machine.appEnv;
  return {
    machine,
    hook,
    events: () => hook.lines().map((line) => line.split(" ")[0]),
    notify: (...args: readonly string[]) =>
      machine.run(["status", "--notify", ...args], { env }),
    test: (...args: readonly string[]) =>
      machine.run([...HOOK_TEST, ...args], { env }),
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}

/** Ends the login, and what was told was told a minute ago: older tokens would be taken for ones that were read before. */
function end(machine: Machine): void {
  machine.age("refresh_token", DAY);
  machine.age("access_token", HOUR);
  const path = `${machine.configDir}/.hooks.json`;
  const { told, ...file } = JSON.parse(Deno.readTextFileSync(path));
  for (const account of Object.values(told) as { at: number }[]) {
    account.at -= 60_000;
  }
  Deno.writeTextFileSync(path, JSON.stringify({ ...file, told }));
}

const onUnix = (name: string, fn: () => Promise<void>) =>
  Deno.test({ ...only("Unix", name), fn });

Deno.test("tdauth hook test says how to write a hook where there is none", async () => {
  await using machine = await startMachine();
  for (const args of [["hook", "test", "login_due"], ["status", "--notify"]]) {
    assertError(
      await machine.run(args, { env: machine.appEnv }),
      2,
      /cannot tell anyone: there are no hooks in ".*config\.json"/,
      /beside "profiles": "hooks": \[\{ "notify": true \}, /,
    );
  }
});

Deno.test("tdauth hook test names the events where there is no such one, and the hook that is wrong", async () => {
  await using machine = await startMachine();
  assertError(
    await machine.run(["hook", "test", "toString"]),
    2,
    /there is no event "toString"/,
    /login_due, login_needed, logged_in, refreshed, refresh_failed/,
  );
  writeHooks(machine, [{ notify: true }, { notify: true, onn: ["refreshed"] }]);
  for (const args of [["hook", "test", "login_due"], ["status", "--notify"]]) {
    assertError(
      await machine.run(args, { env: machine.appEnv }),
      2,
      /cannot use hook 2 in ".*config\.json": "onn" is not a key of hooks/,
      /the keys are on, profiles, run, notify, url/,
    );
  }
  writeHooks(machine, [{ notify: true }]);
  assertError(
    await machine.run(["hook", "test", "refreshed"]),
    2,
    /none in ".*" hears of refreshed/,
    /give one "on": \["refreshed"\]$/,
  );
});

onUnix(
  "tdauth hook test runs the hooks of an event with example data, says what became of each, and fails if one does",
  async () => {
    await using it = await stage();
    const { machine, hook } = it;
    const ok = await it.test("login_due", "--profile", "work");
    assert.deepEqual(
      [ok.code, ok.stdout, ok.stderr],
      [0, "ok      hook 1 (sh)\n", ""],
    );
    assert.match(hook.lines()[0] ?? "", /^login_due work schwab \d{10}$/);
    writeHooks(machine, [
      { run: ["sh", "-c", "echo no mail here >&2; exit 3"] },
      { run: hook.run, on: ["login_due"], profiles: ["default"] },
      { run: ["no-such-program-anywhere"] },
      { run: hook.run, on: ["refreshed"] },
    ]);
    const failed = await it.test("login_due");
    assert.deepEqual(failed.stdout.split("\n"), [
      "failed  hook 1 (sh): exit code 3: no mail here",
      "ok      hook 2 (sh)",
      "failed  hook 3 (no-such-program-anywhere): there is no such program",
      "",
    ]);
    assertErrorLines(failed, 1, /2 of 3 hooks failed/, /config\.json/);
    assert.equal(hook.lines().length, 2);
    const json = await it.test("login_due", "--json");
    assert.equal(json.code, 1);
    assert.deepEqual(jsonOf(json)["hooks"], [
      { hook: 1, ok: false, why: "exit code 3", output: "no mail here" },
      { hook: 2, ok: true, why: null, output: null },
      { hook: 3, ok: false, why: "there is no such program", output: null },
    ]);
    // A test is no warning: that is still to come.
    machine.age("refresh_token", 6 * DAY + HOUR);
    await it.notify();
    assert.deepEqual(it.events().slice(3), ["login_due"]);
  },
);

onUnix(
  "tdauth status --notify tells what is new once, is quiet, and exits as tdauth status does",
  async () => {
    await using it = await stage(20 * HOUR);
    const { machine, hook } = it;
    const quiet = async (code: number, events: readonly string[]) => {
      const { stdout, stderr, ...result } = await it.notify();
      assert.deepEqual([result.code, stdout, stderr], [code, "", ""]);
      assert.deepEqual(it.events(), events);
    };
    await quiet(0, ["login_due"]);
    await quiet(0, ["login_due"]);
    const { code } = await it.notify("--fail-within", "24h");
    assert.equal(code, 3);
    const { access_time, expires_in } = machine.readTokens().refresh_token;
    assert.deepEqual(hook.lines(), [
      `login_due default schwab ${access_time + expires_in}`,
    ]);
    end(machine);
    await quiet(3, ["login_due", "login_needed"]);
    await quiet(3, ["login_due", "login_needed"]);
    assert.equal(
      (await machine.run(["status"], { env: machine.appEnv })).code,
      3,
    );
    await machine.signIn();
    const tokens = machine.readTokens();
    Deno.writeTextFileSync(
      machine.tokenPath,
      JSON.stringify({
        ...tokens,
        login_time: tokens.refresh_token.access_time + 1,
      }),
    );
    await quiet(0, ["login_due", "login_needed", "logged_in"]);
  },
);

onUnix(
  "tdauth status --notify with --json says what it told, and on a terminal in words",
  async () => {
    await using it = await stage(20 * HOUR);
    const { machine, hook } = it;
    const json = await it.notify("--json");
    assert.equal(json.code, 0, json.stderr);
    const { events, profiles } = jsonOf(json) as {
      events: Record<string, unknown>[];
      profiles: Record<string, unknown>[];
    };
    const { access_time, expires_in } = machine.readTokens().refresh_token;
    const due = access_time + expires_in;
    const account = { profile: "default", provider: "schwab" };
    assert.deepEqual(events, [{ event: "login_due", ...account, due }]);
    assert.deepEqual(profiles, [
      { ...account, login_needed: false, login_needed_at: due },
    ]);
    const show = async () =>
      (await machine.run(["status", "--notify"], {
        env: machine.appEnv,
        terminal: true,
      })).stdout;
    assert.match(await show(), /^Nothing new to tell\.\s+$/);
    machine.age("refresh_token", 19 * HOUR);
    assert.match(
      await show(),
      /^login_due: Login due in 60 minutes \(schwab: log in by .* GMT\+0000: tdauth login\)\s+$/,
    );
    assert.equal(hook.lines().length, 2);
  },
);

onUnix(
  "tdauth status --notify shows a hook that fails, and runs the others",
  async () => {
    await using it = await stage(20 * HOUR);
    writeHooks(it.machine, [
      { run: ["sh", "-c", "printf 'no \\033[31mmail'; exit 7"] },
      { run: it.hook.run },
    ]);
    const { code, stdout, stderr } = await it.notify();
    assert.deepEqual([code, stdout], [0, ""]);
    assert.equal(
      stderr,
      "warning: Cannot tell hook 1 (sh) of login_due: exit code 7: no \ufffd[31mmail\n",
    );
    assert.deepEqual(it.events(), ["login_due"]);
  },
);

onUnix(
  "tdauth status --notify looks at every profile, but for those kept elsewhere, goes on when one fails, and at the chosen one alone with --profile",
  async () => {
    await using it = await stage(20 * HOUR);
    const { machine } = it;
    const saved = {
      provider: "schwab",
      sandbox: machine.sandbox.url,
      consumerKey: machine.sandbox.app.consumerKey,
    };
    machine.writeConfig({
      default: saved,
      work: saved,
      follower: { ...saved, keeper: "ssh://user@host.invalid" },
      broken: { ...saved, callbackUrl: "nonsense", provider: "no-such-broker" },
    });
    writeHooks(machine, [{ run: it.hook.run }]);
    const work = `${machine.configDir}/work.${saved.consumerKey}`;
    Deno.copyFileSync(machine.tokenPath, work);
    const one = await machine.run(["status", "--notify", "--profile", "work"]);
    assert.deepEqual([one.code, one.stderr], [0, ""]);
    assertError(
      await machine.run(["status", "--notify", "--profile", "follower"]),
      2,
      /the tokens of this profile are kept by user@host\.invalid/,
      /write the hooks there/,
    );
    const all = await machine.run(["status", "--notify"]);
    assertErrorLines(
      all,
      2,
      /no-such-broker/,
      undefined,
      /^warning: profile broken: /,
    );
    assert.deepEqual(
      it.hook.lines().map((line) => line.split(" ").slice(0, 2).join(" ")),
      ["login_due work", "login_due default"],
    );
  },
);

onUnix(
  "tdauth status --notify runs nothing that lies in the working directory, and takes no profile from it",
  async () => {
    await using it = await stage(20 * HOUR);
    const { machine } = it;
    const bad = `touch '${machine.home}/owned'`;
    Deno.writeTextFileSync(
      `${machine.cwd}/config.json`,
      JSON.stringify({ profiles: {}, hooks: [{ run: ["sh", "-c", bad] }] }),
    );
    Deno.writeTextFileSync(
      `${machine.cwd}/.env`,
      `TD_HOOKS=[{"run":["sh","-c","${bad}"]}]\nhooks=[]\nTD_PROFILE=other\n`,
    );
    for (
      const args of [["status", "--notify"], ["hook", "test", "login_due"]]
    ) {
      const { code, stderr } = await machine.run(args, {
        env: { ...machine.appEnv, TD_PROFILE: "default" },
      });
      assert.equal(code, 0, stderr);
    }
    assert.throws(() => Deno.statSync(`${machine.home}/owned`));
    assert.equal(it.hook.lines().length, 2);
  },
);

onUnix(
  "no hook, and nothing that is kept of it, sees a token or a secret",
  async () => {
    await using it = await stage(20 * HOUR);
    const { machine, hook } = it;
    const bodies: string[] = [];
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        bodies.push(
          [request.url, ...[...request.headers].flat(), await request.text()]
            .join("\n"),
        );
        return new Response(null, { status: 503 });
      },
    );
    writeHooks(machine, [
      { run: hook.run, on: ["login_due", "refreshed", "login_needed"] },
      { url: `http://127.0.0.1:${server.addr.port}/TOPIC` },
    ]);
    const env = {
      ...machine.appEnv,
      TD_ACCESS_TOKEN: "CANARY-ACCESS",
      TD_CACHE_PASSPHRASE: "CANARY-PASSPHRASE",
    };
    const notify = async () => {
      const { stderr } = await machine.run(
        ["--verbose", "status", "--notify"],
        {
          env,
        },
      );
      assert.doesNotMatch(stderr, /TOPIC/);
    };
    await notify();
    machine.age("access_token", -1);
    await notify();
    end(machine);
    await notify();
    await machine.run(["hook", "test", "login_due"], { env });
    const kept = Deno.readTextFileSync(`${machine.configDir}/.hooks.json`);
    assert.match(kept, /TOPIC/); // it is to be tried again
    assert.deepEqual(it.events(), [
      "login_due",
      "refreshed",
      "login_needed",
      "login_due",
    ]);
    assert.ok(bodies.length >= 4, `${bodies.length}`);
    const { access_token, refresh_token } = machine.readTokens();
    const secrets = [
      ...machine.secrets,
      access_token.token,
      refresh_token.token,
      "CANARY-ACCESS",
      "CANARY-PASSPHRASE",
    ];
    assert.ok(secrets.length >= 6);
    for (const text of [hook.seen(), kept, ...bodies]) {
      assert.ok(text.length > 0);
      for (const secret of secrets) assert.ok(!text.includes(secret), text);
    }
  },
);

onUnix(
  "tdauth status --notify ends its hook with Ctrl-C, and leaves the others to the next run",
  async () => {
    await using it = await stage(20 * HOUR);
    const { machine, hook } = it;
    const fifo = `${machine.home}/fifo`;
    await new Deno.Command("mkfifo", { args: [fifo] }).output();
    writeHooks(machine, [
      { run: ["sh", "-c", `echo running >'${fifo}'; sleep 600`] },
      { run: hook.run },
    ]);
    const running = machine.start(["status", "--notify"], {
      env: machine.appEnv,
    });
    assert.equal(await Deno.readTextFile(fifo), "running\n");
    assert.ok(running.kill("SIGINT"));
    const { code } = await running.result;
    assert.equal(code, 130);
    assert.deepEqual(it.events(), []);
    writeHooks(machine, [{ run: hook.run }]);
    await it.notify();
    assert.deepEqual(it.events(), ["login_due"]);
  },
);

onUnix("two tdauth status --notify at once tell each event once", async () => {
  await using it = await stage(20 * HOUR);
  const results = await Promise.all([1, 2, 3].map(() => it.notify()));
  assert.deepEqual(results.map(({ code }) => code), [0, 0, 0]);
  assert.deepEqual(it.events(), ["login_due"]);
});
