/** `tdauth serve` killed in the middle of a refresh, while `tdauth token` asks, at a broker that rotates and kills. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Running } from "../cli/process.ts";
import { opens } from "../cli/processes.ts";
import { assertKilled } from "../premise.ts";
import { only } from "../support.ts";
import { deno } from "../../tools/deno.ts";
import { start } from "./fleet.ts";
import { type SandboxPlace, sandboxPlace } from "./place.ts";

const file = (name: string) =>
  fileURLToPath(new URL(`../../${name}`, import.meta.url));
/** How long, in milliseconds, the broker holds an answer back: for ever, as far as a test goes. */
const FOR_EVER = 60_000;
const TRIES = 20;

function serve({ env, cwd }: SandboxPlace): Running {
  const [path, ...args] = deno(
    "run",
    "-A",
    "--frozen",
    `--config=${file("deno.json")}`,
    file("cli.ts"),
    "serve",
  );
  return new Running(path, { args, env, cwd, killAfter: 300_000 });
}

/** Starts a server whose refresh the broker has got and does not answer, and a command that waits for it. */
async function inTheMiddle(
  place: SandboxPlace,
  fault: { readonly status?: number },
): Promise<{ readonly server: Running; readonly waiter: Running }> {
  place.expire();
  place.sandbox.failNext({ delayMs: FOR_EVER, ...fault });
  const asked = place.asked();
  const server = serve(place);
  await place.untilAsked(asked + 1);
  const waiter = start(place, "command");
  await opens(waiter, ".refresh.lock");
  assert.deepEqual([server.ended, waiter.ended], [false, false]);
  return { server, waiter };
}

async function kill(server: Running): Promise<void> {
  server.kill("SIGKILL");
  assertKilled(await server.result);
}

Deno.test(
  only(
    "Linux",
    `nothing is lost when tdauth serve is killed in the middle of a refresh, ${TRIES} times, while tdauth token asks`,
  ),
  async () => {
    await using place = await sandboxPlace({ rotation: "kill" });
    const first = place.tokens().refresh_token.token;
    const seen = new Set([first]);
    for (let tries = 1; tries <= TRIES; tries++) {
      const asked = place.asked();
      // The broker has not acted yet: what was sent still works.
      const { server, waiter } = await inTheMiddle(place, { status: 503 });
      await kill(server);
      const { code, stdout, stderr } = await waiter.result;
      assert.equal(code, 0, `try ${tries}: ${stderr}`);
      const { access_token, refresh_token } = place.tokens();
      assert.equal(stdout, `${access_token.token}\n`);
      assert.equal(place.asked(), asked + 2, "one at a time");
      assert.ok(!seen.has(refresh_token.token), "the broker rotates");
      seen.add(refresh_token.token);
    }
    place.expire();
    const again = serve(place);
    await again.sees(/refreshed, valid until/);
    again.kill("SIGTERM");
    assert.equal((await again.result).code, 0);
    // The premise: an old token kills the login.
    assert.notEqual(await place.present(first), 200);
    place.expire();
    assert.equal((await start(place, "command").result).code, 3);
  },
);

Deno.test(
  only(
    "Linux",
    "tdauth token says that an answer was lost when tdauth serve was killed before it came, and a login is all that it takes",
  ),
  async () => {
    await using place = await sandboxPlace({ rotation: "kill" });
    const { server, waiter } = await inTheMiddle(place, {});
    await kill(server);
    const { code, stderr } = await waiter.result;
    assert.equal(code, 3, stderr);
    assert.match(stderr, /the response to an earlier refresh was lost/);
    const again = serve(place);
    await again.sees(/a login is needed: tdauth login|broker rejects/);
    await place.logInBeside();
    const token = await start(place, "command").result;
    assert.equal(token.code, 0);
    again.kill("SIGTERM");
    assert.equal((await again.result).code, 0);
  },
);
