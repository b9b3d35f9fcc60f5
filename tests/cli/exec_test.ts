import assert from "node:assert/strict";
import { only } from "../support.ts";
import { fileURLToPath } from "node:url";
import { assertError, jsonOf } from "./asserts.ts";
import { endOf } from "./exec_signals.ts";
import { type Machine, type RunOptions, startMachine } from "./machine.ts";

const CHILD = deno(
  "run",
  "-A",
  fileURLToPath(new URL("exec_child.ts", import.meta.url)),
);

/** A machine with tokens on it. */
async function loggedIn(): Promise<Machine> {
  const machine = await startMachine();
  await machine.signIn();
  return machine;
}

function exec(
  machine: Machine,
  args: readonly string[],
  options: RunOptions = {},
) {
  return machine.run(["exec", ...args], { env: machine.appEnv, ...options });
}

/** Kills no process in the test runner's terminal. */
const AWAY = 'exec setsid "$@"';

Deno.test("tdauth exec passes the command the token and its expiry only in its environment, and no consumer secret", async () => {
  await using machine = await loggedIn();
  const { access_token } = machine.readTokens();
  const { stdout, code, stderr } = await exec(machine, ["--", ...CHILD], {
    printsToken: true,
  });
  assert.deepEqual([code, stderr], [0, ""]);
  const { env, seen } = JSON.parse(stdout);
  assert.equal(env.TD_ACCESS_TOKEN, access_token.token);
  assert.equal(
    env.TD_ACCESS_TOKEN_EXPIRES_AT,
    String(access_token.access_time + access_token.expires_in),
  );
  assert.equal(env.TD_CONSUMER_SECRET, undefined);
  assert.equal(env.TD_CONSUMER_KEY, machine.appEnv["TD_CONSUMER_KEY"]);
  assert.equal(env.HOME, machine.home);
  assert.equal(seen.length, 2);
  for (const args of seen) {
    assert.ok(args.includes("exec_child.ts"));
    for (const secret of machine.secrets) assert.ok(!args.includes(secret));
  }
});

Deno.test("tdauth exec leaves the flags after the command to it, with and without --", async () => {
  await using machine = await loggedIn();
  const theirs = ["--show", "--json", "-x", "--", "--help", "--profile"];
  for (const mark of [[], ["--"]]) {
    const { stdout } = await exec(
      machine,
      ["--min-valid", "2m", ...mark, ...CHILD, ...theirs],
      { printsToken: true },
    );
    assert.deepEqual(JSON.parse(stdout).args, theirs);
  }
});

Deno.test("tdauth exec refreshes first when less than --min-valid is left", async () => {
  await using machine = await loggedIn();
  const { token: old } = machine.readTokens().access_token;
  machine.age("access_token", 1700); // 100 seconds are left
  const token = async (...args: string[]) => {
    const print = ["sh", "-c", 'printf %s "$TD_ACCESS_TOKEN"'];
    const result = await exec(machine, [...args, ...print], {
      printsToken: true,
    });
    return result.stdout;
  };
  assert.equal(await token(), old);
  const fresh = await token("--min-valid=2m");
  assert.notEqual(fresh, old);
  assert.equal(fresh, machine.readTokens().access_token.token);
});

for (const code of [0, 1, 3, 77, 255]) {
  Deno.test(`tdauth exec exits with ${code} when the command does`, async () => {
    await using machine = await loggedIn();
    const command = `echo out; echo err >&2; exit ${code}`;
    const result = await exec(machine, ["--", "sh", "-c", command]);
    assert.deepEqual(
      [result.code, result.stdout, result.stderr],
      [code, "out\n", "err\n"],
    );
  });
}

Deno.test("tdauth exec exits with 127 when the command is not found, and with 126 when it cannot be run", async () => {
  await using machine = await loggedIn();
  Deno.writeTextFileSync(`${machine.cwd}/text`, "no program\n");
  for (
    const [command, code, why] of [
      [
        "no-such-command",
        127,
        /cannot run "no-such-command": command not found$/,
      ],
      ["./nothing", 127, /command not found$/],
      ["./text", 126, /cannot run ".\/text": it is not executable$/],
      ["/", 126, /it is not executable$/],
    ] as const
  ) {
    assertError(await exec(machine, ["--", command, "-x"]), code, why, /hint/);
  }
  const json = await exec(machine, ["--json", "./nothing"]);
  assert.equal(json.code, 127);
  assert.ok(jsonOf(json)["error"]);
});

Deno.test("tdauth exec runs nothing when there is no token to be had, and opens no browser", async () => {
  await using machine = await startMachine();
  assertError(
    await exec(machine, ["--", "touch", "ran"]),
    3,
    /there are no stored tokens$/,
    /tdauth login$/,
  );
  await machine.signIn();
  machine.age("access_token", 1801);
  machine.sandbox.failNext({ status: 503, times: 10 });
  const result = await exec(machine, ["--", "touch", "ran"]);
  assert.equal(result.code, 5);
  assert.throws(() => Deno.statSync(`${machine.cwd}/ran`));
});

Deno.test("tdauth exec without a command exits with 2", async () => {
  await using machine = await startMachine();
  for (const args of [[], ["--"], ["--json", "--min-valid", "5m"]]) {
    const { code, stderr } = await exec(machine, args);
    assert.equal(code, 2);
    assert.match(stderr, /missing required argument 'command'\n/);
  }
});

Deno.test("tdauth exec hands over its input and output byte for byte, however long", async () => {
  await using machine = await loggedIn();
  const bytes = new Uint8Array(20_000_000);
  for (let at = 0; at < bytes.length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  Deno.writeFileSync(`${machine.cwd}/in`, bytes);
  const { code, stderr } = await exec(machine, ["--", "cat"], {
    under: 'cat in | "$@" | cat > out && cmp in out',
  });
  assert.deepEqual([code, stderr], [0, ""]);
});

for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const) {
  Deno.test(`tdauth exec passes ${signal} on to the command once, and waits for it`, async () => {
    await using machine = await loggedIn();
    const running = machine.start(["exec", ...CHILD, signal], {
      env: machine.appEnv,
    });
    await running.sees(/ready/, "stdout");
    running.kill(signal);
    await running.sees(/came 1 times/, "stdout");
    running.kill(endOf(signal));
    const { code, stdout, signal: own } = await running.result;
    assert.deepEqual([code, own], [0, null]);
    assert.match(stdout, new RegExp(`${signal} came 1 times in all`));
  });
}

for (const signal of ["SIGINT", "SIGQUIT", "SIGWINCH"] as const) {
  Deno.test(
    only(
      "Linux",
      `tdauth exec passes ${signal} on where no terminal sends it to both`,
    ),
    async () => {
      await using machine = await loggedIn();
      const running = machine.start(["exec", ...CHILD, signal], {
        env: machine.appEnv,
        under: AWAY,
      });
      await running.sees(/ready/, "stdout");
      running.kill(signal);
      await running.sees(/came 1 times/, "stdout");
      running.kill(endOf(signal));
      const { code, stdout } = await running.result;
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`${signal} came 1 times in all`));
    },
  );
}

for (
  const [signal, code, dies] of [
    ["SIGTERM", 143, true],
    ["SIGINT", 130, true],
    ["SIGHUP", 129, true],
    ["SIGKILL", 137, false],
    ["SIGSEGV", 139, false],
  ] as const
) {
  Deno.test(`tdauth exec ends as a command that ${signal} ends, and leaves no process`, async () => {
    await using machine = await loggedIn();
    const kill = `echo $$; kill -${signal.slice(3)} $$; sleep 5`;
    const result = await exec(machine, ["--", "sh", "-c", kill]);
    assert.equal(result.code, code);
    assert.equal(result.signal, dies ? signal : null);
    assert.throws(() => Deno.statSync(`/proc/${result.stdout.trim()}`));
  });
}

Deno.test("tdauth exec reports to a shell how a command ended whose reader has gone", async () => {
  await using machine = await loggedIn();
  const { stdout, stderr } = await exec(machine, ["--", "yes"], {
    under: '{ "$@"; echo $? >&2; } | head -n 1',
  });
  assert.deepEqual([stdout, stderr], ["y\n", "141\n"]);
});

const PRESSES = 5;
/**
 * Takes each signal as it comes; two that wait together are one to the system.
 * Its parent, tdauth, is told to pass SIGUSR1 on after each SIGINT: whatever
 * else it passes on comes first.
 */
const COUNT = `
import os, signal
taken = {signal.SIGINT, signal.SIGUSR1}
signal.pthread_sigmask(signal.SIG_BLOCK, taken)
presses = times = 0
print("presses: 0", flush=True)
while presses < ${PRESSES}:
    if signal.sigwait(taken) == signal.SIGINT:
        times += 1
        os.kill(os.getppid(), signal.SIGUSR1)
    else:
        presses += 1
        print("presses:", presses, flush=True)
print("times:", times, flush=True)
input() # what a terminal shows last may be lost with it
`;
import { deno } from "../../tools/deno.ts";
const python = hasPython();

Deno.test(
  `tdauth exec in a terminal leaves Ctrl-C to the terminal, which sends it to the command once${
    python ? "" : " (ignored: there is no python3)"
  }`,
  { ignore: !python },
  async () => {
    await using machine = await loggedIn();
    const running = machine.start(["exec", "python3", "-c", COUNT], {
      env: machine.appEnv,
      terminal: true,
    });
    for (let press = 0; press < PRESSES; press++) {
      await running.sees(new RegExp(`presses: ${press}\\b`), "stdout");
      await running.write("\x03");
    }
    const [, times] = await running.sees(/times: (\d+)\r/, "stdout");
    assert.equal(times, String(PRESSES), running.stdout);
    await running.write("\r");
    const { code, stdout } = await running.result;
    assert.equal(code, 0, stdout);
  },
);

function hasPython(): boolean {
  try {
    return new Deno.Command("python3", { args: ["--version"] }).outputSync()
      .success;
  } catch {
    return false;
  }
}

Deno.test("tdauth exec ends by Ctrl-C in a terminal with the command", async () => {
  await using machine = await loggedIn();
  const running = machine.start(
    ["exec", "--", "sh", "-c", "echo ready; exec sleep 20"],
    { env: machine.appEnv, terminal: true },
  );
  await running.sees(/ready/, "stdout");
  await running.write("\x03");
  const { code, stdout } = await running.result;
  assert.equal(code, 130);
  assert.doesNotMatch(stdout, /tdauth:/);
});
