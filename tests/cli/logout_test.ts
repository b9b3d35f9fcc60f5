import assert from "node:assert/strict";
import { assertError, assertQuiet, jsonOf } from "./asserts.ts";
import { APPROVE, type Machine, startMachine } from "./machine.ts";

function assertEmpty(machine: Machine, path = machine.tokenPath): void {
  const { access_token, refresh_token } = machine.readTokens(path);
  assert.deepEqual([access_token, refresh_token], [null, null]);
}

Deno.test("tdauth logout empties the cache, keeps the file and the settings, and token then needs a login", async () => {
  await using machine = await startMachine();
  assertQuiet(
    await machine.run(["login", "--browser", APPROVE], {
      env: machine.appEnv,
    }),
  );
  const config = machine.readConfig();
  const result = await machine.run(["logout"]);
  assertQuiet(result);
  // As Charles Schwab, the practice broker cannot revoke.
  assert.match(
    result.stderr,
    /^Forgotten here \(profile default\): Charles Schwab cannot revoke the tokens, which stay valid until \w+day, .*\d\d:\d\d\.\n$/,
  );
  assertEmpty(machine);
  assert.deepEqual(machine.readConfig(), config);
  assertError(await machine.run(["token"]), 3, /no stored tokens$/);

  const again = await machine.run(["logout"]);
  assertQuiet(again);
  assert.equal(
    again.stderr,
    "Nothing to log out of (profile default).\n",
  );
});

Deno.test("tdauth logout --all empties every profile's cache", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  const { consumerKey, callbackUrl } = machine.sandbox.app;
  const profile = {
    provider: "tdameritrade",
    consumerKey,
    callbackUrl,
    sandbox: machine.sandbox.url,
  };
  machine.writeConfig({ default: profile, work: profile, bare: {} });
  await machine.signIn();
  const { refresh_token } = await machine.signIn(`work.${consumerKey}`);
  machine.age("access_token", 7_776_001);
  machine.age("refresh_token", 7_776_001);
  const result = await machine.run(["logout", "--all", "--json"]);
  assert.equal(result.code, 0, result.stderr);
  assert.match(
    result.stderr,
    /^Logged out \(profile default\): the stored tokens are gone\.\nForgotten here \(profile work\): TD Ameritrade cannot/,
  );
  assert.deepEqual(jsonOf(result), {
    logged_out: ["default", "work"],
    revoked: [],
    still_valid: { work: refresh_token.access_time + 7_776_000 },
  });
  assertEmpty(machine);
  assertEmpty(machine, `${machine.configDir}/work.${consumerKey}`);
});

Deno.test("tdauth logout without --all leaves other profiles logged in", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  const { consumerKey } = machine.sandbox.app;
  await machine.signIn();
  const work = await machine.signIn(`work.${consumerKey}`);
  assertQuiet(await machine.run(["logout"], { env: machine.appEnv }));
  assertEmpty(machine);
  assert.deepEqual(
    machine.readTokens(`${machine.configDir}/work.${consumerKey}`),
    work,
  );
});

Deno.test("tdauth logout --all goes on when one profile fails, and exits as that one does", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  const { consumerKey, callbackUrl } = machine.sandbox.app;
  const profile = {
    provider: "tdameritrade",
    consumerKey,
    callbackUrl,
    sandbox: machine.sandbox.url,
  };
  // Nobody answers at this issuer, so nothing can be revoked there.
  const gone = {
    provider: `http://127.0.0.1:${machine.port}`,
    consumerKey: "GONE",
  };
  machine.writeConfig({ gone, work: profile });
  const { consumer_key: _, provider: __, ...tokens } = await machine.signIn(
    `work.${consumerKey}`,
  );
  const path = `${machine.configDir}/gone.GONE`;
  Deno.writeTextFileSync(path, JSON.stringify(tokens));
  const result = await machine.run(["logout", "--all"]);
  assert.equal(result.code, 5, result.stderr);
  assert.match(
    result.stderr,
    /on this machine only.* \(profile gone\): the stored tokens are gone, but may stay valid until \w+day, /,
  );
  assertEmpty(machine, path);
  assertEmpty(machine, `${machine.configDir}/work.${consumerKey}`);
});

Deno.test("tdauth logout --all reads each profile's app from its settings, not from the environment, whose own app is logged out of as well", async () => {
  await using machine = await startMachine();
  const { consumerKey } = machine.sandbox.app;
  const saved = Object.fromEntries(
    Object.entries({
      provider: "schwab",
      consumerKey,
      callbackUrl: machine.sandbox.app.callbackUrl,
      consumerSecret: machine.sandbox.app.consumerSecret,
      sandbox: machine.sandbox.url,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  machine.writeConfig({ default: saved, work: saved });
  const { refresh_token: first } = await machine.signIn();
  await machine.signIn(`work.${consumerKey}`);
  const { refresh_token: last } = await machine.signIn("work.OTHER");
  const result = await machine.run(["logout", "--all", "--json"], {
    env: {
      TD_PROFILE: "work",
      TD_CONSUMER_KEY: "OTHER",
      TD_PROVIDER: "tdameritrade",
      TD_SANDBOX: machine.sandbox.url,
    },
  });
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(jsonOf(result), {
    logged_out: ["default", "work"],
    revoked: [],
    // Of both apps of that profile, the later time.
    still_valid: {
      default: first.access_time + 604_800,
      work: last.access_time + 604_800,
    },
  });
  assertEmpty(machine);
  assertEmpty(machine, `${machine.configDir}/work.${consumerKey}`);
  assertEmpty(machine, `${machine.configDir}/work.OTHER`);
});

Deno.test("tdauth logout --all goes on when a profile's settings are wrong, says which, and exits with 2", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  const { consumerKey, callbackUrl } = machine.sandbox.app;
  const good = {
    provider: "tdameritrade",
    consumerKey,
    callbackUrl,
    sandbox: machine.sandbox.url,
  };
  machine.writeConfig({
    broken: { ...good, provider: "no-such-broker" },
    work: good,
  });
  await machine.signIn(`work.${consumerKey}`);
  const result = await machine.run(["logout", "--all"]);
  assert.equal(result.code, 2, result.stderr);
  assert.match(
    result.stderr,
    /^warning: profile broken: Cannot use "no-such-broker"/m,
  );
  assert.match(result.stderr, /^Forgotten here \(profile work\)/m);
  assertEmpty(machine, `${machine.configDir}/work.${consumerKey}`);
});

Deno.test("tdauth logout of an app that is not configured exits with 2", async () => {
  await using machine = await startMachine();
  assertError(await machine.run(["logout"]), 2, /no app key\)$/);
  const none = await machine.run(["logout", "--all", "--json"]);
  assert.equal(none.code, 0, none.stderr);
  assert.deepEqual(jsonOf(none), {
    logged_out: [],
    revoked: [],
    still_valid: {},
  });
});

Deno.test("tdauth logout names no profile, and makes no file, where there is nothing to log out of", async () => {
  await using machine = await startMachine();
  const one = await machine.run(["logout", "--json"], { env: machine.appEnv });
  assert.equal(one.code, 0, one.stderr);
  assert.deepEqual(jsonOf(one), {
    logged_out: [],
    revoked: [],
    still_valid: {},
  });
  const all = await machine.run(["logout", "--all"]);
  assert.deepEqual([all.code, all.stdout, all.stderr], [
    0,
    "",
    "Nothing to log out of (no profile has an app).\n",
  ]);
  assert.deepEqual([...Deno.readDirSync(machine.home)], []);
});
