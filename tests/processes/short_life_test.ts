/** One refresh among all processes, however short its access token lives. */
import assert from "node:assert/strict";
import { DiskCache } from "../../mod.ts";
import { startMachine } from "../cli/machine.ts";
import { opens } from "../cli/processes.ts";
import { holdTurn } from "../premise.ts";
import { withoutWaits } from "./fleet.ts";

const PROCESSES = 20;

for (
  const [life, flags, note] of [
    [60, "--min-valid 5m", /^note: .* less than --min-valid 5m: .*\n$/],
    [6, "", /^$/],
  ] as const
) {
  Deno.test(`tdauth token in ${PROCESSES} processes sends one refresh for a token that lives ${life} seconds${flags && `, with ${flags}`}`, async () => {
    await using machine = await startMachine({
      accessTokenLifetime: life,
      rotation: "kill",
    });
    const { access_token: { token: old } } = await machine.signIn();
    machine.age("access_token", life);
    const { consumerKey } = machine.sandbox.app;
    const disk = new DiskCache(machine.configDir, consumerKey);
    const turn = await holdTurn(disk, "refresh");
    const many = Array.from(
      { length: PROCESSES },
      () =>
        machine.start(["token", ...flags.split(" ").filter(Boolean)], {
          env: machine.appEnv,
          stdin: "",
          printsToken: true,
        }),
    );
    await Promise.all(many.map((one) => opens(one, ".refresh.lock")));
    await turn.release();
    const results = await Promise.all(many.map(({ result }) => result));
    const { access_token: { token } } = machine.readTokens();
    assert.notEqual(token, old);
    for (const { code, stdout, stderr } of results) {
      assert.deepEqual([code, stdout], [0, `${token}\n`], stderr);
      assert.match(withoutWaits(stderr), note);
    }
    const sent = machine.sandbox.requests.filter(({ grantType }) =>
      grantType === "refresh_token"
    );
    assert.equal(sent.length, 1);
  });
}
