import assert from "node:assert/strict";
import { PRESETS } from "../../src/providers/presets.ts";
import { ACCESS, REFRESH, samples } from "../token_files/samples.ts";
import { type Machine, type Running, startMachine } from "./machine.ts";
import { needsScript } from "./terminals.ts";

function terminalTest(
  name: string,
  test: (machine: Machine) => Promise<void>,
): void {
  Deno.test(needsScript(name), async () => {
    await using machine = await startMachine();
    await test(machine);
  });
}

const TERMINAL = { NO_COLOR: undefined, TERM: "xterm" };

/** Starts a command in a terminal. */
function start(
  machine: Machine,
  args: readonly string[],
  env: Record<string, string | undefined> = {},
): Running {
  return machine.start(args, {
    terminal: true,
    env: { ...TERMINAL, ...env },
  });
}

/** Answers a question on the screen. */
async function answer(
  running: Running,
  question: RegExp,
  text: string,
): Promise<void> {
  await running.sees(question, "stdout");
  await running.write(`${text}\r`);
}

terminalTest(
  "tdauth configure asks for everything in a terminal, and does not show the secret",
  async (machine) => {
    const { consumerKey, consumerSecret = "", callbackUrl } =
      machine.sandbox.app;
    const running = start(machine, ["configure"], {
      TD_SANDBOX: machine.sandbox.url,
    });
    for (const { key, name, about } of PRESETS) {
      const text = `${name}. ${about}`;
      const shown = new RegExp(
        `${key} *(\\S*m)?  ${RegExp.escape(text)}\r?\n`,
      );
      await running.sees(shown, "stdout");
    }
    await answer(running, /Broker \(.*\)\?.* \[schwab\]/, "schwap");
    await running.sees(
      /cannot use "schwap" as the provider: there is none of that name/i,
      "stdout",
    );
    await answer(running, /schwap[^]*Broker \(.*\)\?/, "");
    await answer(
      running,
      /Consumer key \(.*developer\.schwab\.com\)\?/,
      consumerKey,
    );
    await answer(running, /Consumer secret \(hidden\)\?/, "");
    await running.sees(/an answer is required/, "stdout");
    await answer(
      running,
      /required[^]*Consumer secret \(hidden\)\?/,
      `typo\x15${consumerSecret}x\x7f`,
    );
    await answer(running, /Callback URL.*8182\]/, "http://127.0.0.1:8182");
    await running.sees(/accepts only https callback URLs/, "stdout");
    await answer(running, /only https callback URLs[^]*Callback/, callbackUrl);
    const { code, stdout } = await running.result;
    assert.equal(code, 0, stdout);
    assert.match(
      stdout,
      /Configured.* the profile default in [^\n]*\nNext: tdauth login/,
    );
    assert.ok(stdout.includes(consumerKey), "what is typed is shown");
    assert.ok(!stdout.includes("typo"));
    assert.deepEqual(machine.readConfig().profiles["default"], {
      provider: "schwab",
      consumerKey,
      consumerSecret,
      callbackUrl,
      sandbox: machine.sandbox.url,
    });

    // A second time, Enter keeps what is there.
    const again = start(machine, ["configure"]);
    await answer(again, /Broker/, "");
    await answer(again, /Consumer key/, "");
    await answer(
      again,
      /secret \(hidden, leave empty to keep the current one\)/,
      "",
    );
    await answer(again, /Callback URL/, "");
    assert.equal((await again.result).code, 0);
    assert.equal(
      machine.readConfig().profiles["default"]?.["consumerSecret"],
      consumerSecret,
    );
  },
);

terminalTest(
  "tdauth configure suggests a custom provider in a terminal, and forgets its endpoints for another one",
  async (machine) => {
    const running = start(machine, [
      "configure",
      ...["--token-endpoint", "https://login.acme.example/token"],
      ...["--authorization-endpoint", "https://login.acme.example/login"],
      ...["--auth-param", "a=b c", "--auth-param", "d=&"],
    ]);
    await answer(running, /Broker \(.*\)\?.* \[login\.acme\.example\]/, "acme");
    await answer(running, /Consumer key/, "KEY");
    await answer(running, /Consumer secret/, "");
    await answer(running, /Callback URL/, "http://127.0.0.1:8182");
    const { code, stdout } = await running.result;
    assert.equal(code, 0, stdout);
    const app = { consumerKey: "KEY", callbackUrl: "http://127.0.0.1:8182" };
    assert.deepEqual(machine.readConfig().profiles["default"], {
      provider: "acme",
      ...app,
      authorizationEndpoint: "https://login.acme.example/login",
      tokenEndpoint: "https://login.acme.example/token",
      authorizationParameters: "a=b+c&d=%26",
    });

    const again = start(machine, ["configure"]);
    await answer(again, /Broker \(.*\)\?.* \[acme\]/, "tdameritrade");
    await answer(again, /Consumer key/, "");
    await answer(again, /Callback URL/, "");
    assert.equal((await again.result).code, 0);
    assert.deepEqual(machine.readConfig().profiles["default"], {
      provider: "tdameritrade",
      ...app,
    });
  },
);

for (
  const [question, input] of [
    ["Broker", ""],
    ["Consumer secret", "KEY"],
  ] as const
) {
  terminalTest(
    `tdauth configure is ended by Ctrl-C at the question for the ${question}, and writes nothing`,
    async (machine) => {
      const running = start(
        machine,
        ["configure", "--provider", "schwab"].slice(
          0,
          input === "" ? 1 : 3,
        ),
      );
      if (input !== "") await answer(running, /Consumer key/, input);
      await running.sees(new RegExp(`${question}.*\\?`), "stdout");
      await running.write("\x03");
      const { code, stdout } = await running.result;
      assert.equal(code, 4, stdout);
      assert.match(stdout, /\n\S*tdauth:\S* cannot continue: cancelled/);
      assert.throws(() => machine.readConfig(), Deno.errors.NotFound);
    },
  );
}

terminalTest(
  "tdauth login asks for a missing secret, and saves it",
  async (machine) => {
    const { TD_CONSUMER_SECRET: secret = "", ...env } = machine.appEnv;
    const running = start(machine, ["login", "--no-browser"], env);
    await answer(running, /Consumer secret \(hidden\)\?/, secret);
    const [, url = ""] = await running.sees(/(http:\/\/127\S+)␛/, "stdout");
    await machine.sandbox.approve(url);
    assert.equal((await running.result).code, 0);
    assert.equal(
      machine.readConfig().profiles["default"]?.["consumerSecret"],
      secret,
    );
  },
);

terminalTest(
  "tdauth login counts down in a terminal, and accepts a pasted URL there as well",
  async (machine) => {
    const running = start(machine, ["login", "--no-browser"], machine.appEnv);
    const [, url = ""] = await running.sees(/(http:\/\/127\S+)␛/, "stdout");
    await running.sees(
      /Is the browser on another machine\? Does it end at an error\? Paste/,
      "stdout",
    );
    const [, first] = await running.sees(
      /Waiting for the redirect to .* (5:00|4:\d\d) left/,
      "stdout",
    );
    const later = new RegExp(`(?!${first})4:\\d\\d left`);
    await running.sees(later, "stdout");
    await answer(running, /./, "https://example.com/?code=x&state=y");
    await running.sees(
      /The pasted URL was rejected: .*Still waiting\./,
      "stdout",
    );
    const redirect = await machine.sandbox.approveAndCopy(url);
    await running.write(`${redirect}\r`);
    const { code, stdout } = await running.result;
    assert.equal(code, 0, stdout);
    assert.match(stdout, /\r␛\[K␛\[2mRedirect received[^]*Logged in\./);
  },
);

terminalTest(
  "tdauth login is ended by a typed Ctrl-C, and leaves a clean line",
  async (machine) => {
    const running = start(machine, ["login", "--no-browser"], machine.appEnv);
    await running.sees(/left/, "stdout");
    await running.write("\x03");
    const { code, stdout } = await running.result;
    assert.equal(code, 4, stdout);
    assert.match(
      stdout,
      /\r␛\[K[^\n]*tdauth:[^\n]*the login was cancelled\r\n[^\n]*hint:[^\n]*tdauth login\r\n$/,
    );
  },
);

terminalTest(
  "tdauth shows colours in a terminal, but not with NO_COLOR, a dumb terminal or --json",
  async (machine) => {
    await machine.signIn();
    const status = (args: string[], env: Record<string, string>) =>
      start(machine, ["status", ...args], { ...machine.appEnv, ...env }).result;
    assert.match((await status([], {})).stdout, /␛\[32m█+/);
    for (
      const [args, env] of [
        [[], { NO_COLOR: "1" }],
        [[], { TERM: "dumb" }],
        [["--json"], {}],
      ] as const
    ) {
      const { code, stdout } = await status([...args], env);
      assert.equal(code, 0);
      assert.ok(!stdout.includes("␛"));
    }
  },
);

terminalTest(
  "tdauth import asks in a terminal before it replaces tokens that expire later, and accepts a no",
  async (machine) => {
    const mine = await machine.signIn();
    const login = Math.floor(Date.now() / 1000) - 86_400;
    const { file } = samples(login, login)["schwab-py"] ?? {};
    const path = `${machine.home}/token.json`;
    Deno.writeTextFileSync(path, JSON.stringify(file), { mode: 0o600 });
    machine.secrets.add(ACCESS).add(REFRESH);
    const question = /Replace the stored tokens\?/;
    const no = start(machine, ["import", path], machine.appEnv);
    await answer(no, question, "");
    const refused = await no.result;
    assert.equal(refused.code, 2);
    assert.match(
      refused.stdout,
      /has tokens that expire at the same time or later/,
    );
    assert.equal(
      machine.readTokens().refresh_token.token,
      mine.refresh_token.token,
    );
    const yes = start(machine, ["import", path], machine.appEnv);
    await answer(yes, question, "yes");
    assert.equal((await yes.result).code, 0);
    assert.equal(machine.readTokens().refresh_token.token, REFRESH);
  },
);
