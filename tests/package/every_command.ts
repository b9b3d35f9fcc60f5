/** Each command, run as far as it goes, so that no part of the program stays unloaded. */
import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { assertQuiet, jsonOf } from "../cli/asserts.ts";
import { type Machine, type Result, startMachine } from "../cli/machine.ts";
import { newKey } from "../cli/sealed.ts";
import { DENO } from "../../tools/deno.ts";

/** Runs one command after those before it, and checks what it did. */
type Run = (machine: Machine, browser: string) => Promise<void>;

const key = newKey();

/** In the order in which one user can run them. */
const RUNS: Readonly<Record<string, Run>> = {
  async configure(machine) {
    assertQuiet(await machine.run(["configure"], { env: machine.appEnv }));
    // Nothing but this says from here on that the broker is the practice one.
    assert.equal(
      machine.readConfig().profiles["default"]?.["sandbox"],
      machine.sandbox.url,
    );
  },
  async login(machine, browser) {
    const args = ["login", "--browser", browser, "--timeout", "60s"];
    assertQuiet(await machine.run(args));
  },
  async status(machine) {
    assert.equal(
      jsonOf(await machine.run(["status", "--json"]))["profile"],
      "default",
    );
    assert.equal((await machine.run(["status"])).code, 0);
  },
  async token(machine) {
    const { stdout } = await machine.run(["token"], { printsToken: true });
    assert.equal(stdout, `${machine.readTokens().access_token.token}\n`);
  },
  async header(machine) {
    const { stdout } = await machine.run(["header"], { printsToken: true });
    const { token } = machine.readTokens().access_token;
    assert.equal(stdout, `Authorization: Bearer ${token}\n`);
  },
  async exec(machine) {
    const script = "Deno.exit(Deno.env.has('TD_ACCESS_TOKEN') ? 7 : 1)";
    const args = ["exec", "--", DENO, "eval", script];
    assert.equal((await machine.run(args)).code, 7);
  },
  async refresh(machine) {
    const { token } = machine.readTokens().access_token;
    assertQuiet(await machine.run(["refresh"]));
    assert.notEqual(machine.readTokens().access_token.token, token);
    machine.age("access_token", 1801);
    const { code } = await machine.run(["token"], { printsToken: true });
    assert.equal(code, 0);
  },
  async fetch(machine) {
    const args = ["fetch", "/trader/v1/accounts/accountNumbers"];
    const { code, stdout, stderr } = await machine.run(args);
    assert.equal(code, 0, stderr);
    assert.ok(Array.isArray(JSON.parse(stdout)));
  },
  async export(machine) {
    const args = ["export", "--format", "schwab-py"];
    const result = await machine.run(args, { printsBoth: true });
    assert.equal(result.code, 0, result.stderr);
    Deno.writeTextFileSync(`${machine.home}/exported.json`, result.stdout, {
      mode: 0o600,
    });
  },
  async serve(machine) {
    const server = machine.start(["serve", "--json"]);
    await server.sees(/^{[^]*"pid"[^]*^}\n/m, "stdout");
    assert.equal(
      "serve" in jsonOf(await machine.run(["status", "--json"])),
      true,
    );
    server.kill("SIGTERM");
    assert.equal((await server.result).code, 0);
    assert.equal((await machine.run(["serve", "--uninstall"])).code, 0);
  },
  async logout(machine) {
    assertQuiet(await machine.run(["logout"]));
  },
  async import(machine) {
    assertQuiet(
      await machine.run(["import", `${machine.home}/exported.json`]),
    );
  },
  async unseal(machine) {
    const env = { TD_CACHE_KEY: key };
    assertQuiet(await machine.run(["configure", "--seal", "key"], { env }));
    const prints = { env, printsToken: true };
    assert.equal((await machine.run(["token"], prints)).code, 0);
    assertQuiet(await machine.run(["unseal"], { env }));
  },
  async doctor(machine) {
    const { checks } = jsonOf(await machine.run(["doctor", "--json"]));
    assert.ok(Array.isArray(checks) && checks.length > 5);
    assert.ok(checks.every(({ check }) => check !== "packages"));
  },
  async "cert show"(machine) {
    assert.equal((await machine.run(["cert", "show"])).code, 0);
  },
  async "cert renew"(machine) {
    assert.equal((await machine.run(["cert", "renew"])).code, 0);
  },
  async "cert trust"(machine) {
    // The answer is no: on some systems there is but one store, the user's own.
    const { code } = await machine.run(["cert", "trust"], { stdin: "no\n" });
    assert.notEqual(code, 0);
  },
  async "cert untrust"(machine) {
    assert.equal((await machine.run(["cert", "untrust"])).code, 0);
  },
  async cert(machine) {
    assert.equal((await machine.run(["cert"])).code, 2);
  },
  async "hook test"(machine) {
    const path = `${machine.configDir}/config.json`;
    const file = JSON.parse(Deno.readTextFileSync(path));
    const hooks = [{ run: [DENO, "--version"] }];
    Deno.writeTextFileSync(path, JSON.stringify({ ...file, hooks }));
    const { code, stdout } = await machine.run(["hook", "test", "logged_in"]);
    assert.equal(code, 0);
    assert.match(stdout, /^ok +hook 1 /);
    const told = await machine.run(["status", "--notify"]);
    assert.equal(told.code, 0, told.stderr);
  },
  async hook(machine) {
    assert.equal((await machine.run(["hook"])).code, 2);
  },
  async sandbox(machine) {
    const broker = machine.start(["sandbox", "--json", "--port", "0"]);
    await broker.sees(/Ctrl-C stops it/);
    broker.kill("SIGTERM");
    assert.match(String(jsonOf(await broker.result)["url"]), /^http:/);
  },
  async completions(machine) {
    const { stdout } = await machine.run(["completions", "bash"]);
    assert.match(stdout, /complete /);
  },
  async complete(machine) {
    const { stdout } = await machine.run(["complete", "--", "log"]);
    assert.match(stdout, /^login\b[^]*^logout\b/m);
  },
  async man(machine) {
    assert.match((await machine.run(["man"])).stdout, /tdauth/i);
  },
};

/** How an error begins to say that some code is not there. */
const UNLOADED = /cannot (?:down)?load|not found in cache|Uncaught/i;

/**
 * Runs each command of the table on one machine, as steps of a test, and the help
 * of each.
 *
 * @param browser A command for `--browser` whose user agrees.
 * @param last The last one to run. @default {all}
 */
export async function runEveryCommand(
  test: Deno.TestContext,
  browser: string,
  last?: string,
): Promise<void> {
  assert.deepEqual(
    Object.keys(RUNS).sort(),
    Object.keys(COMMANDS).sort(),
    "every_command.ts has to run each command of the table",
  );
  await using machine = await startMachine();
  const start = machine.start;
  const results: Promise<Result>[] = [];
  const watched: Machine = {
    ...machine,
    start(args, options) {
      const running = start(args, options);
      results.push(running.result);
      return running;
    },
    run: (args, options = {}) =>
      watched.start(args, { stdin: "", ...options }).result,
  };
  for (const [name, run] of Object.entries(RUNS)) {
    const passed = await test.step(`tdauth ${name}`, async () => {
      results.length = 0;
      const [help] = await Promise.all([
        watched.run([...name.split(" "), "--help"]),
        run(watched, browser),
      ]);
      assert.equal(help.code, 0, help.stderr);
      assert.match(help.stdout, new RegExp(`^Usage: tdauth ${name}\\b`));
      for (const { stderr } of await Promise.all(results)) {
        assert.doesNotMatch(stderr, UNLOADED);
      }
    });
    if (!passed || name === last) break; // the next ones need what it does
  }
}
