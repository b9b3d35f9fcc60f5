import assert from "node:assert/strict";
import { DAILY_COMMANDS } from "../../bench/daily_commands.ts";
import { dailyPlaces } from "../../bench/daily_places.ts";
import { benchPlace, CLI } from "../../bench/place.ts";
import { checkPremises } from "../../bench/premises.ts";
import { isExpected, runOnce } from "../../bench/program.ts";
import { deno, denoEnvironment } from "../../tools/deno.ts";

const tdauth = (...args: readonly string[]) => deno("run", "-A", CLI, ...args);

Deno.test("the bench's commands print what it expects, and its places are what they are called", async () => {
  using base = await benchPlace();
  const places = dailyPlaces(base);
  checkPremises(places, tdauth);
  for (
    const { name, args, place: at = "profile", expected } of DAILY_COMMANDS
  ) {
    const place = places[at];
    const program = {
      name,
      command: tdauth(...args),
      expected: typeof expected === "string"
        ? expected
        : (text: string) => expected(text, place),
    };
    runOnce(program, place);
    assert.equal(isExpected(program, "{}"), false);
  }
});

Deno.test("checkPremises() rejects places that are not what they are called", async () => {
  using base = await benchPlace();
  const { sealed, pytd, profile } = dailyPlaces(base);
  assert.throws(
    () => checkPremises({ it: { ...profile, control: profile } }, tdauth),
    /"it": a token is printed without it, too/,
  );
  assert.throws(
    () => checkPremises({ it: { ...profile, ...profile.control } }, tdauth),
    /"it": no token is printed/,
  );
  Deno.copyFileSync(profile.tokenFile, sealed.tokenFile);
  assert.throws(() => checkPremises({ sealed }, tdauth), /are not sealed/);
  Deno.copyFileSync(profile.tokenFile, pytd.tokenFile);
  assert.throws(() => checkPremises({ pytd }, tdauth), /pyTD wrote no such/);
});

Deno.test("runOnce() rejects a program that prints something else, or fails", () => {
  const place = { cwd: ".", env: denoEnvironment() };
  const print = (code: string) => ({
    name: "it",
    command: deno("eval", code),
    expected: "1\n",
  });
  runOnce(print("console.log(1)"), place);
  assert.throws(
    () => runOnce(print("console.log(2)"), place),
    /it printed "2\\n"/,
  );
  assert.throws(
    () => runOnce(print("console.log(1); throw 3"), place),
    /Uncaught/,
  );
});
