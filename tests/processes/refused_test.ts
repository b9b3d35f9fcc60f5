/** One refresh among all processes whose requests the API has rejected. */
import assert from "node:assert/strict";
import { DiskCache } from "../../mod.ts";
import { startMachine } from "../cli/machine.ts";
import { opens } from "../cli/processes.ts";
import { holdTurn } from "../premise.ts";
import { withoutWaits } from "./fleet.ts";

const PROCESSES = 20;

for (const rotation of ["keep", "kill"] as const) {
  Deno.test(`tdauth token --refused in ${PROCESSES} processes with the same rejected token sends one refresh where refresh tokens are ${rotation === "keep" ? "kept" : "rotated"}`, async () => {
    await using machine = await startMachine(
      rotation === "keep" ? {} : { rotation },
    );
    const { access_token: { token: refused } } = await machine.signIn();
    const { consumerKey } = machine.sandbox.app;
    const disk = new DiskCache(machine.configDir, consumerKey);
    const turn = await holdTurn(disk, "refresh");
    const many = Array.from(
      { length: PROCESSES },
      () =>
        machine.start(["token", "--refused"], {
          env: machine.appEnv,
          stdin: `${refused}\n`,
          printsToken: true,
        }),
    );
    await Promise.all(many.map((one) => opens(one, ".refresh.lock")));
    await turn.release();
    const results = await Promise.all(many.map(({ result }) => result));
    const { access_token: { token } } = machine.readTokens();
    assert.notEqual(token, refused);
    for (const { code, stdout, stderr } of results) {
      assert.deepEqual(
        [code, stdout, withoutWaits(stderr)],
        [0, `${token}\n`, ""],
      );
    }
    const sent = machine.sandbox.requests.filter(({ grantType }) =>
      grantType === "refresh_token"
    );
    assert.equal(sent.length, 1);
  });
}
