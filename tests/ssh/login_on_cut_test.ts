/** A login on another machine whose connection is cut at each step. */
import assert from "node:assert/strict";
import { DiskCache } from "../../mod.ts";
import { assertErrorLines } from "../cli/asserts.ts";
import { APPROVE } from "../cli/machine.ts";
import type { Result, Running } from "../cli/process.ts";
import { processesAt } from "../cli/processes.ts";
import { assertKilled, holdTurn, until } from "../premise.ts";
import {
  begunOn,
  exchanges,
  type Machines,
  startMachines,
} from "./machines.ts";
import { needsSshd, writeScript } from "./ssh_server.ts";

/** How a connection ends, and what the user reads then. */
const CUTS: readonly {
  readonly name: string;
  readonly cut: (machines: Machines) => Promise<void>;
  readonly why: RegExp;
}[] = [
  {
    name: "when the other machine vanishes",
    cut: ({ server }) => server.cut(),
    why: /on there: .*(closed|reset|broken pipe|said no reason)/i,
  },
  {
    name: "when the ssh client is killed",
    cut: async ({ server }) => {
      const [client, ...more] = processesAt(server.home).filter((pid) =>
        Deno.readTextFileSync(`/proc/${pid}/comm`).trim() === "ssh"
      );
      assert.deepEqual([client === undefined, more], [false, []]);
      if (client !== undefined) Deno.kill(client, "SIGKILL");
      await until("sshd sees it", () => server.connections().length === 0);
    },
    why: /on there: ssh was ended by a signal \(SIGKILL\)$/,
  },
];

/** The other side is gone, and what it held is free: a login there goes on at once. */
async function assertNothingLeft({ machine }: Machines): Promise<void> {
  await until("the other side ends", () => machine.processes().length === 0);
  assert.equal(machine.readTokens()["pending_login"], undefined);
  const { code, stderr } = await machine.run(["login", "--browser", APPROVE]);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /waiting for it/);
}

const ended = async (login: Running): Promise<Result> => {
  const result = await login.result;
  assert.equal(result.stdout, "");
  return result;
};

const UNKNOWN =
  /^note: there has the redirect; whether it stored tokens is not known \(see tdauth status there\)$/m;

for (const { name, cut, why } of CUTS) {
  Deno.test(
    needsSshd(
      `tdauth login --on says that the connection ended before the login began, ${name}`,
    ),
    async () => {
      await using machines = await startMachines({ broker: "tdameritrade" });
      const { machine, server, here } = machines;
      await machine.signIn();
      const tokens = machine.storedTokens();
      const mark = `${machine.home}/begun`;
      writeScript(server.program, `echo > ${mark}\nexec cat`);
      const login = here.start(["login", "--on", "there"]);
      await until("it is called there", () => exists(mark), login);
      await cut(machines);
      assertErrorLines(await ended(login), 4, why);
      assert.deepEqual(machine.storedTokens(), tokens);
    },
  );

  Deno.test(
    needsSshd(
      `tdauth login --on keeps the last tokens there when the connection ends while the user logs in, ${name}`,
    ),
    async () => {
      await using machines = await startMachines({ broker: "tdameritrade" });
      const { machine } = machines;
      await machine.signIn();
      const tokens = machine.storedTokens();
      const { login, address } = await begunOn(machines);
      assert.equal(machine.processes().length > 0, true);
      await cut(machines);
      const result = await ended(login);
      assertErrorLines(result, 4, why, undefined, /Waiting/);
      assert.doesNotMatch(result.stderr, UNKNOWN);
      await assert.rejects(fetch(address), "nothing listens any more");
      assert.deepEqual(machine.storedTokens(), tokens);
      await assertNothingLeft(machines);
    },
  );

  Deno.test(
    needsSshd(
      `tdauth login --on says that the outcome is unknown when the connection ends during the exchange, which the other side completes, ${name}`,
    ),
    async () => {
      await using machines = await startMachines({ broker: "tdameritrade" });
      const { machine } = machines;
      await machine.signIn();
      const tokens = JSON.stringify(machine.storedTokens());
      const { login, address } = await begunOn(machines);
      const before = exchanges(machine);
      machine.sandbox.failNext({ endpoint: "token", delayMs: 2000 });
      const page = fetch(address).then((answer) => answer.text());
      await until("the code is sent", () => exchanges(machine) > before, login);
      await cut(machines);
      assert.equal(JSON.stringify(machine.storedTokens()), tokens);
      const result = await ended(login);
      assertErrorLines(result, 4, why, undefined, UNKNOWN);
      assert.match(await page, /The login could not be completed/);
      await until(
        "the new tokens are stored",
        () => JSON.stringify(machine.storedTokens()) !== tokens,
      );
      await assertNothingLeft(machines);
    },
  );

  Deno.test(
    needsSshd(
      `tdauth login --on stores the tokens all the same when the connection ends after the exchange, ${name}`,
    ),
    async () => {
      await using machines = await startMachines({ broker: "tdameritrade" });
      const { machine } = machines;
      await machine.signIn();
      const tokens = JSON.stringify(machine.storedTokens());
      const { login, address } = await begunOn(machines);
      const before = exchanges(machine);
      const cache = new DiskCache(machine.configDir, "PROCESSTEST");
      const turn = await holdTurn(cache, "refresh");
      await using _free = { [Symbol.asyncDispose]: () => turn.release() };
      const page = fetch(address).then((answer) => answer.text());
      await until(
        "the code is exchanged",
        () => exchanges(machine) > before,
        login,
      );
      await login.sees(/is using the stored tokens; waiting for it/);
      await cut(machines);
      const { code, stderr } = await ended(login);
      assert.equal(code, 4);
      assert.match(stderr, UNKNOWN);
      assert.match(
        stderr.split("\n").find((line) => line.includes("cannot log in")) ?? "",
        why,
      );
      assert.match(await page, /The login could not be completed/);
      assert.equal(JSON.stringify(machine.storedTokens()), tokens);
      await turn.release();
      await until(
        "the new tokens are stored",
        () => JSON.stringify(machine.storedTokens()) !== tokens,
      );
      const token = await machine.run(["token"], { printsToken: true });
      assert.equal(token.code, 0, token.stderr);
      await assertNothingLeft(machines);
    },
  );
}

Deno.test(
  needsSshd(
    "tdauth login --on ends while it waits for another login there, which goes on",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { machine, server, here } = machines;
    const first = machine.start(["login", "--no-browser"]);
    const [, url = ""] = await first.sees(/^ {2}(http\S+)$/m);
    const second = here.start(["login", "--on", "there"]);
    await second.sees(/is logging in; waiting for it/);
    await server.cut();
    assert.equal((await second.result).code, 4);
    await until(
      "the other side ends",
      () => machine.processes().join() === `${first.pid}`,
    );
    await machine.sandbox.approve(url);
    const { code, stderr } = await first.result;
    assert.equal(code, 0, stderr);
    assert.equal(exchanges(machine), 1);
  },
);

Deno.test(
  needsSshd(
    "tdauth login --on that is killed ends the login on the other machine",
  ),
  async () => {
    await using machines = await startMachines({ broker: "tdameritrade" });
    const { machine } = machines;
    await machine.signIn();
    const { login } = await begunOn(machines);
    login.kill("SIGKILL");
    assertKilled(await login.result);
    await assertNothingLeft(machines);
  },
);

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
