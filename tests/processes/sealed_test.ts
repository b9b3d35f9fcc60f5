/** Sealed tokens among many processes, and among those that are killed. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { DiskCache, rawKey, SealedCache } from "../../mod.ts";
import { sealKeyOf } from "../../src/seal/seal_keys.ts";
import { assertQuiet } from "../cli/asserts.ts";
import { startMachine } from "../cli/machine.ts";
import { configured, newKey, sealOf } from "../cli/sealed.ts";
import { needsKeyring, startKeyring } from "../seal/secret_service.ts";
import { outcomeOf } from "./fleet.ts";
import { sandboxPlace } from "./place.ts";
import { runWaitingFleet } from "./waiting_fleet.ts";
import { denoProcess } from "../../tools/deno.ts";
import { tokensIn } from "../tokens_in.ts";

const PROCESSES = 20;
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** Seals a place's tokens, and lets a fleet find them expired. */
async function assertOneRefresh(
  kind: "key" | "passphrase" | "keychain",
  env: Readonly<Record<string, string>>,
  processes: number,
): Promise<void> {
  await using place = await sandboxPlace({ rotation: "kill" });
  const { access_token: { token: old }, refresh_token } = place.tokens();
  const [directory = "", name = ""] = place.tokenPath.split(/\/(?=[^/]*$)/);
  Deno.writeTextFileSync(
    `${directory}/config.json`,
    JSON.stringify({ profiles: { default: { seal: kind } } }),
  );
  const disk = new DiskCache(directory, name);
  const variable = (name: string) => env[name] ?? Deno.env.get(name);
  const cache = new SealedCache(
    disk,
    await sealKeyOf(kind, { env: variable }),
    { name },
  );
  await tokensIn(cache).save(await tokensIn(cache).load(), "refresh");
  assert.throws(() => disk.accessToken.token, { code: "cache_sealed" });
  const results = await runWaitingFleet(place, { processes, env });
  assert.deepEqual(
    await outcomeOf(place, results),
    { requests: 1, valid: processes, tokens: 1 },
    results.map(({ stderr }) => stderr).join(""),
  );
  const { accessToken, refreshToken } = await tokensIn(cache).load();
  assert.equal(results[0]?.stdout, `${accessToken}\n`);
  assert.notEqual(String(accessToken), old);
  const text = Deno.readTextFileSync(place.tokenPath);
  assert.ok(!text.includes(old) && !text.includes(String(accessToken)));
  // The broker rotates, and kills.
  assert.notEqual(refreshToken.token, refresh_token.token);
  assert.equal(await place.present(refresh_token.token), 400);
  assert.equal(await place.takes(String(accessToken)), false);
}

Deno.test(`tdauth token and authorize() in ${PROCESSES} processes send one refresh of tokens that are sealed with a key`, () =>
  assertOneRefresh("key", { TD_CACHE_KEY: newKey() }, PROCESSES));

// Each takes 128 MiB for its passphrase.
Deno.test("tdauth token and authorize() in 4 processes send one refresh of tokens that are sealed with a passphrase", () =>
  assertOneRefresh("passphrase", { TD_CACHE_PASSPHRASE: "five words" }, 4));

Deno.test(
  needsKeyring(
    `tdauth token and authorize() in ${PROCESSES} processes send one refresh of tokens that are sealed by a real keychain`,
  ),
  async () => {
    await using keyring = await startKeyring();
    await assertOneRefresh("keychain", keyring.env, PROCESSES);
    assert.equal(await keyring.count(), 1);
  },
);

Deno.test("tdauth configure --seal and tdauth unseal can be killed at any moment, and the tokens are there in each of 60 tries", async () => {
  await using machine = await startMachine();
  await configured(machine);
  const { access_token: { token }, refresh_token } = machine.readTokens();
  const env = { TD_CACHE_KEY: newKey() };
  const seal = ["configure", "--seal", "key"];
  const started = performance.now();
  assertQuiet(await machine.run(seal, { env }));
  let whole = performance.now() - started;
  let cut = 0;
  const ends = new Set<string | undefined>();
  const isAcceptable = () => cut > 5 && ends.size === 2;
  for (let tries = 0; tries < 60 || (tries < 600 && !isAcceptable()); tries++) {
    const sealed = sealOf(machine) !== undefined;
    const running = machine.start(sealed ? ["unseal"] : seal, { env });
    // Its work is at the end of what is mostly start-up.
    const moment = whole * (0.4 + 0.7 * Math.random());
    const began = performance.now();
    const timer = setTimeout(() => {
      running.kill("SIGKILL");
    }, moment);
    const { code, signal, stderr } = await running.result;
    clearTimeout(timer);
    if (signal === "SIGKILL") cut++; // else it was too late
    else assert.equal(code, 0, stderr);
    // How fast the machine is changes: one that came to its end is the new measure.
    whole = signal === null ? performance.now() - began : whole * 1.05;
    const context = `try ${tries}, killed after ${moment} ms`;
    const printed = await machine.run(["token"], { env, printsToken: true });
    assert.equal(printed.stdout, `${token}\n`, `${context}: ${printed.stderr}`);
    ends.add(sealOf(machine));
  }
  assert.ok(cut > 5, `only ${cut} were killed before their end`);
  assert.equal(ends.size, 2, "some were done, and some undone");
  // What was left half-way is finished by the next call.
  assertQuiet(await machine.run(seal, { env }));
  assert.equal(sealOf(machine), "key");
  const name = machine.tokenPath.slice(machine.configDir.length + 1);
  const cache = new SealedCache(
    new DiskCache(machine.configDir, name),
    rawKey(env.TD_CACHE_KEY),
    { name },
  );
  assert.equal(
    String((await tokensIn(cache).load()).refreshToken),
    refresh_token.token,
  );
});

Deno.test("authorize() in a program that runs on refreshes tokens as they are then: sealed, unsealed, sealed again, unsealed", async () => {
  const env = { TD_CACHE_KEY: newKey() };
  await using machine = await startMachine();
  await configured(machine);
  assertQuiet(await machine.run(["configure", "--seal", "key"], { env }));
  const script = `${machine.cwd}/long.ts`;
  Deno.writeTextFileSync(
    script,
    `import { authorize } from ${
      JSON.stringify(new URL("../../mod.ts", import.meta.url).href)
    };
     const td = await authorize({ interactive: false });
     for await (const _ of Deno.stdin.readable) {
       await td.refresh();
       console.log("refreshed");
     }`,
  );
  const child = denoProcess([
    "run",
    "-A",
    "--frozen",
    "--config",
    CONFIG,
    script,
  ], {
    cwd: machine.cwd,
    env: { HOME: machine.home, ...env },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const refresh = async () => {
    await input.write(new Uint8Array(1));
    assert.equal((await output.read()).value, "refreshed\n");
  };
  await refresh();
  for (const kind of [undefined, "key", undefined] as const) {
    assertQuiet(
      await machine.run(
        kind === undefined ? ["unseal"] : ["configure", "--seal", kind],
        { env },
      ),
    );
    await refresh();
    assert.equal(sealOf(machine), kind);
    const { code, stderr } = await machine.run(["token"], {
      env,
      printsToken: true,
    });
    assert.equal(code, 0, stderr);
  }
  await output.cancel();
  await input.close();
  await child.status;
});
