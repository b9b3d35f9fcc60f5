/** What becomes of the others when the process that refreshes is killed, stopped, or loses its answer. */
import assert from "node:assert/strict";
import type { Result, Running } from "../cli/process.ts";
import { opens } from "../cli/processes.ts";
import { assertKilled, stop } from "../premise.ts";
import { only, temporaryDirectory } from "../support.ts";
import { deno24 } from "./deno_2_4.ts";
import { type Kind, start } from "./fleet.ts";
import { type SandboxPlace, sandboxPlace } from "./place.ts";

/** How long, in milliseconds, the broker holds an answer back: for ever, as far as a test goes. */
const FOR_EVER = 60_000;
/** How long, in milliseconds, a process waits for an answer to a request. */
const LONGEST_REQUEST = 10_000;
const LOST =
  /the response to an earlier refresh was lost, and the broker rejects the old refresh token/;

/**
 * Starts a process whose refresh the broker has got and does not answer. It is
 * stopped where that can be done: else it would itself give up after 10 seconds,
 * which is what a slow machine needs to start those that wait for it.
 */
async function hangingHolder(
  place: SandboxPlace,
  fault: { readonly status?: number } = {},
): Promise<Running> {
  place.sandbox.failNext({ delayMs: FOR_EVER, ...fault });
  const asked = place.asked();
  const holder = start(place, "command");
  await place.untilAsked(asked + 1);
  if (Deno.build.os !== "windows") await stop(holder);
  return holder;
}

async function kill(process: Running): Promise<void> {
  process.kill("SIGKILL");
  assertKilled(await process.result);
}

/** Ends a holder that a failed test has left, which would hide why it failed. */
const ends = (holder: Running): AsyncDisposable => ({
  async [Symbol.asyncDispose]() {
    holder.kill("SIGKILL");
    await holder.result;
  },
});

/** Starts processes, and waits until they wait for their turn: scripts go on counting meanwhile. */
async function waiters(
  place: SandboxPlace,
  ...kinds: readonly Kind[]
): Promise<Running[]> {
  const all = kinds.map((kind) => start(place, kind));
  await Promise.all(all.map((waiter, index) => waits(waiter, kinds[index])));
  for (const { ended } of all) assert.equal(ended, false);
  return all;
}

async function waits(waiter: Running, kind?: Kind): Promise<void> {
  await opens(waiter, ".refresh.lock");
  if (kind === "command") return;
  // Ten ticks of 20 ms each, after it began to wait.
  const before = waiter.stderr.split(".").length - 1;
  await waiter.sees(new RegExp(`(?:[^.]*\\.){${before + 10}}`));
}

function assertRefused(result: Result, why: RegExp): void {
  assert.deepEqual([result.code, result.stdout], [3, ""], result.stderr);
  assert.match(result.stderr, why);
}

Deno.test("tdauth token goes on at once, with one more refresh, when the process that refreshes is killed", async () => {
  await using place = await sandboxPlace();
  const holder = await hangingHolder(place);
  await using _ = ends(holder);
  const others = await waiters(place, "command", "script", "busy script");
  assert.equal(place.asked(), 1);
  const killed = performance.now();
  await kill(holder);
  const results = await Promise.all(others.map(({ result }) => result));
  const took = performance.now() - killed;
  const { token } = place.tokens().access_token;
  assert.deepEqual(
    results.map(({ code, stdout }) => [code, stdout]),
    others.map(() => [0, `${token}\n`]),
  );
  assert.ok(await place.takes(token));
  assert.equal(place.asked(), 2);
  assert.ok(took < 20_000, `they went on after ${took} ms`);
});

for (const rotation of ["rotate", "kill"] as const) {
  Deno.test(`tdauth token says that a response was lost when the process that refreshed was killed before it came, at a broker with rotation ${rotation}`, async () => {
    await using place = await sandboxPlace({ rotation });
    await kill(await hangingHolder(place));
    assertRefused(await start(place, "command").result, LOST);
    assert.equal(place.asked(), 2, "the old token was tried once");
  });

  Deno.test(`tdauth token refreshes when the process before was killed and the broker had not acted yet, with rotation ${rotation}`, async () => {
    await using place = await sandboxPlace({ rotation });
    const old = place.tokens();
    await kill(await hangingHolder(place, { status: 503 }));
    const { code, stdout, stderr } = await start(place, "command").result;
    assert.equal(code, 0, stderr);
    const stored = place.tokens();
    assert.equal(stdout, `${stored.access_token.token}\n`);
    assert.notEqual(stored.refresh_token.token, old.refresh_token.token);
    assert.equal(place.asked(), 2);

    place.expire();
    assert.equal((await start(place, "command").result).code, 0);
  });

  Deno.test(`tdauth token uses what a sibling stored after the process that refreshed was killed, with rotation ${rotation}`, async () => {
    await using place = await sandboxPlace({ rotation });
    const holder = await hangingHolder(place);
    await using _ = ends(holder);
    const [waiter] = await waiters(place, "script");
    const { access_token: { token } } = await place.logInBeside();
    const asked = place.asked();
    await kill(holder);
    const result = await waiter?.result;
    assert.deepEqual([result?.code, result?.stdout], [0, `${token}\n`]);
    assert.ok(await place.takes(token));
    assert.equal(place.asked(), asked);
  });

  Deno.test(`tdauth token uses what a sibling stored while the broker refused the old refresh token, with rotation ${rotation}`, async () => {
    await using place = await sandboxPlace({ rotation });
    await kill(await hangingHolder(place));
    place.sandbox.failNext({ delayMs: 5000 });
    const running = start(place, "command");
    await place.untilAsked(2); // the refusal is on its way
    const { access_token: { token } } = await place.logInBeside();
    assert.equal(running.ended, false, "the refusal has come already");
    const { code, stdout, stderr } = await running.result;
    assert.deepEqual([code, stdout], [0, `${token}\n`], stderr);
    assert.ok(await place.takes(token));
  });

  Deno.test(`tdauth token exits with 3 and the reason when a connection is cut after the request, with rotation ${rotation}`, async () => {
    await using place = await sandboxPlace({ rotation });
    place.sandbox.failNext({ cut: true });
    assertRefused(await start(place, "command").result, LOST);
    assert.equal(place.asked(), 2);
  });
}

Deno.test("tdauth token tries once more when a connection is cut after the request", async () => {
  await using place = await sandboxPlace();
  place.sandbox.failNext({ cut: true });
  const { code, stdout, stderr } = await start(place, "command").result;
  assert.equal(code, 0, stderr);
  assert.ok(await place.takes(stdout.trimEnd()));
  assert.equal(place.asked(), 2);
});

Deno.test("tdauth token exits with 3 when two connections are cut, and a later one succeeds", async () => {
  await using place = await sandboxPlace();
  place.sandbox.failNext({ cut: true, times: 2 });
  assertRefused(
    await start(place, "command").result,
    /the broker's response to a refresh was lost twice/,
  );
  assert.equal(place.asked(), 2);
  const { code, stderr } = await start(place, "command").result;
  assert.equal(code, 0, stderr);
  assert.equal(place.asked(), 3);
});

Deno.test(
  only(
    "Unix",
    "authorize() waits for a stopped process without blocking its event loop, and ends on its signal; the stopped one takes the answer that came meanwhile",
  ),
  async () => {
    await using place = await sandboxPlace();
    const { token: old } = place.tokens().access_token;
    place.sandbox.failNext({ delayMs: LONGEST_REQUEST - 2000 });
    const holder = start(place, "command");
    await using _ = ends(holder);
    await place.untilAsked(1);
    const asked = performance.now();
    await stop(holder);
    const [script, busy, command] = await waiters(
      place,
      "script",
      "busy script",
      "command",
    );
    assert.ok(script && busy && command);
    // Both count while they wait; none has sent anything.
    assert.deepEqual([script.ended, busy.ended, place.asked()], [
      false,
      false,
      1,
    ]);
    const since = performance.now();
    for (const waiter of [script, busy]) waiter.kill("SIGINT");
    for (const waiter of [script, busy]) {
      const { code, stdout, stderr } = await waiter.result;
      assert.deepEqual([code, stdout], [130, ""], stderr);
      assert.match(stderr, /interrupted/);
    }
    const took = performance.now() - since;
    assert.ok(took < 20_000, `they ended ${took} ms after Ctrl-C`);

    // The answer is there, and the time of the request over, before it goes on.
    const left = asked + LONGEST_REQUEST + 1000 - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, left)));
    assert.equal(place.tokens().access_token.token, old);
    holder.kill("SIGCONT");
    const results = await Promise.all([holder.result, command.result]);
    const { token } = place.tokens().access_token;
    assert.notEqual(token, old);
    assert.deepEqual(
      results.map(({ code, stdout }) => [code, stdout]),
      [[0, `${token}\n`], [0, `${token}\n`]],
    );
    assert.equal(place.asked(), 1);
  },
);

Deno.test(
  only("Unix", "tdauth token that waits for a stopped process ends on Ctrl-C"),
  async () => {
    await using place = await sandboxPlace();
    const holder = await hangingHolder(place);
    await using _ = ends(holder);
    const [waiter, script] = await waiters(place, "command", "script");
    assert.ok(waiter);
    const since = performance.now();
    waiter.kill("SIGINT");
    const { code, stdout, stderr } = await waiter.result;
    assert.ok(performance.now() - since < 20_000);
    assert.equal(stdout, "");
    assert.ok(code !== 0, stderr);
    assert.match(stderr, /^tdauth: /);
    assert.equal(place.asked(), 1);
    await kill(holder);
    assert.equal((await script?.result)?.code, 0);
  },
);

Deno.test("authorize() on Deno 2.4.2 waits without blocking, ends on its signal, and goes on when the process that refreshes is killed", async () => {
  await using directory = temporaryDirectory();
  const oldest = await deno24(directory.path);
  await using place = await sandboxPlace();
  const holder = await hangingHolder(place);
  await using _ = ends(holder);
  const [first, second] = [0, 1].map(() => start(place, "script", oldest));
  assert.ok(first && second);
  await Promise.all([waits(first), waits(second)]);
  assert.deepEqual([first.ended, second.ended, place.asked()], [
    false,
    false,
    1,
  ]);
  const since = performance.now();
  first.kill("SIGINT");
  assert.equal((await first.result).code, 130);
  assert.ok(performance.now() - since < 20_000);
  await kill(holder);
  const { code, stdout, stderr } = await second.result;
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${place.tokens().access_token.token}\n`);
  assert.equal(place.asked(), 2);
});
