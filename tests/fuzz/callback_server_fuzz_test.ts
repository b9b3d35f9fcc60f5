/** A hostile neighbour on loopback: whatever it sends, the login goes on and completes. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { startMachine } from "../cli/machine.ts";
import { only } from "../support.ts";
import {
  isPending,
  isWaiting,
  nextOf,
  start,
  STATE,
  SUCCESS,
} from "../login/server_support.ts";
import { send, type Target } from "../login/raw_http.ts";
import { type Answer, converse } from "./hostile_client.ts";
import {
  CANARY_CODE,
  type Conversation,
  conversations,
  MARK,
  type Victim,
} from "./hostile_requests.ts";
import { networkRuns } from "./fuzz.ts";

/** How many connections are open at once. */
const AT_ONCE = 8;

/** What an attack consisted of and what it met. */
interface Attack {
  requests: number;
  readonly statuses: Map<number, number>;
}

/** Attacks, and fails when any answer gives something away or lets anybody in. */
async function attack(
  target: Target,
  victim: Victim,
  batches: number,
): Promise<Attack> {
  const seen: Attack = { requests: 0, statuses: new Map() };
  const batch = fc.array(conversations(victim), {
    minLength: AT_ONCE,
    maxLength: AT_ONCE,
  });
  await fc.assert(
    fc.asyncProperty(batch, async (conversations: Conversation[]) => {
      const answers = await Promise.all(
        conversations.map((conversation) => converse(target, conversation)),
      );
      for (const { requests } of conversations) {
        seen.requests += requests.length;
      }
      for (const answer of answers) checkAnswer(answer, victim, seen);
    }),
    networkRuns(batches),
  );
  return seen;
}

function checkAnswer(
  { text, statuses }: Answer,
  { state }: Victim,
  seen: Attack,
): void {
  for (const status of statuses) {
    assert.ok(status >= 400 || [100, 204].includes(status), `${status}`);
    seen.statuses.set(status, (seen.statuses.get(status) ?? 0) + 1);
  }
  const shown = text.toLowerCase();
  assert.ok(!shown.includes("zq7"), "an answer repeats the request");
  assert.ok(!text.includes(MARK));
  assert.ok(!text.includes(CANARY_CODE));
  assert.ok(!text.includes(state));
}

/** That the requests were what they claim to be: each kind of refusal was met. */
function assertVaried({ statuses, requests }: Attack): void {
  for (const status of [204, 400, 404, 405, 421]) {
    assert.ok(statuses.has(status), `no request was answered ${status}`);
  }
  const answered = [...statuses.values()].reduce((a, b) => a + b, 0);
  assert.ok(answered > requests / 4, `${answered} of ${requests} answered`);
}

/** The memory that a process has, in MiB. */
function memoryOf(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

Deno.test(
  only(
    "Linux",
    "tdauth login survives 2,000 hostile requests, shows no secret, keeps its memory bounded, and the real callback completes it",
  ),
  async () => {
    await using machine = await startMachine({
      broker: "tdameritrade",
      scheme: "http",
    });
    machine.secrets.add(CANARY_CODE);
    const login = machine.start(
      ["login", "--verbose", "--no-browser", "--timeout", "10m"],
      { env: machine.appEnv, killAfter: 300_000 },
    );
    const [, url = ""] = await login.sees(/\n {2}(http:\/\/\S+)\n/);
    await login.sees(/Waiting /);
    const state = new URL(url).searchParams.get("state") ?? "";
    assert.ok(state.length >= 22);
    const { port } = machine;
    const linux = Deno.build.os === "linux";
    const before = linux ? memoryOf(login.pid) : 0;

    const seen = await attack(
      { port },
      { scheme: "http", port, path: "/", state },
      110,
    );
    assert.ok(seen.requests >= 2000, `${seen.requests}`);
    assertVaried(seen);
    assert.ok(!login.ended, login.stderr);
    const grown = linux ? memoryOf(login.pid) - before : 0;
    assert.ok(grown < 200, `${grown} MiB more`);
    if (Deno.env.has("TDAUTH_FUZZ_REPORT")) {
      // deno-lint-ignore no-console -- asked for
      console.log(seen, `${grown.toFixed(1)} MiB more`);
    }

    await machine.sandbox.approve(url);
    const result = await login.result; // the machine has looked for secrets in it
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.stdout, "");
    assert.match(String(machine.readTokens()["provider"]), /^tdameritrade@/);
  },
);

Deno.test("startCallbackServer() survives hostile requests over https, and the real callback completes the login", async () => {
  await using it = await start("https", "/cb");
  const { port } = it;
  const seen = await attack(
    it.target,
    { scheme: "https", port, path: "/cb", state: STATE },
    30,
  );
  assert.ok(seen.requests >= 400, `${seen.requests}`);
  assertVaried(seen);
  assert.ok(await isPending(it.server.redirect));
  const redirected = await send(it.target, `/cb?code=real&state=${STATE}`);
  assert.equal(redirected.status, 303);
  assert.equal((await it.server.redirect).get("code"), "real");
  const page = send(it.target, nextOf(redirected));
  assert.ok(await isWaiting(it.target, page));
  await it.server.finish(SUCCESS);
  assert.equal((await page).status, 200);
});
