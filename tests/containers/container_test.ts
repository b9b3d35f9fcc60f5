/** tdauth in a container that is built by the project's Containerfile. */
import assert from "node:assert/strict";
import { jsonOf } from "../cli/asserts.ts";
import { startMachine } from "../cli/machine.ts";
import type { Running } from "../cli/process.ts";
import { temporaryDirectory } from "../support.ts";
import { buildImage, CANNOT, killContainer } from "./image.ts";

Deno.test({
  name:
    `a container that cannot be written keeps its login in the volume, is healthy until a login is needed, and listens nowhere${
      CANNOT === undefined ? "" : ` (ignored: ${CANNOT})`
    }`,
  ignore: CANNOT !== undefined,
  fn: async (test) => {
    await using directory = await temporaryDirectory();
    await using machine = await startMachine();
    await using image = await buildImage(directory.path);
    const { recipe } = image;
    const [uid = NaN, gid = NaN] = recipe.user.split(":").map(Number);
    const volume = `${directory.path}/volume`;
    Deno.mkdirSync(volume, { mode: 0o700 });
    Deno.chownSync(volume, uid, gid);
    const secret = `${directory.path}/secret`;
    Deno.writeTextFileSync(secret, machine.sandbox.app.consumerSecret ?? "");
    Deno.chmodSync(secret, 0o444);
    const { TD_CONSUMER_SECRET: _, ...settings } = machine.appEnv;
    const options = {
      volume,
      mounts: { "/run/secrets/tdauth": secret },
      env: { ...settings, TD_CONSUMER_SECRET_FILE: "/run/secrets/tdauth" },
    };
    const run = (...args: string[]) => image.start({ ...options, args }).result;
    const health = async () =>
      (await image.start({ ...options, exec: recipe.health }).result).code;

    await test.step("its user is none of the system's, and nothing but the volume can be written", async () => {
      const script =
        "id -u; for at in / /usr/local/bin /etc; do touch $at/x && echo written; done; touch /var/lib/tdauth/x && rm /var/lib/tdauth/x && echo volume";
      const { stdout } = await image.start({
        ...options,
        exec: ["sh", "-c", script],
      }).result;
      assert.equal(stdout, "10001\nvolume\n");
    });

    await test.step("it is not healthy before the login, and healthy after a login in two steps", async () => {
      assert.equal(await health(), 3);
      const begun = await run("login", "--begin", "--json");
      assert.equal(begun.code, 0, begun.stderr);
      const address = await machine.sandbox.approveAndCopy(
        String(jsonOf(begun)["authorization_url"]),
      );
      const finish = image.start({ ...options, args: ["login", "--finish"] });
      await finish.write(address);
      await finish.closeInput();
      const finished = await finish.result;
      assert.equal(finished.code, 0, finished.stderr);
      assert.equal(await health(), 0);
    });

    // The socket of one that was killed is there still, and refuses.
    const listens = async (container: Running) => {
      let answers = false;
      while (!answers) {
        assert.ok(!container.ended, container.stderr);
        answers = await Deno.connect({
          transport: "unix",
          path: `${volume}/run/keeper.sock`,
        }).then((connection) => {
          connection.close();
          return true;
        }, () => new Promise((resolve) => setTimeout(resolve, 20, false)));
      }
    };

    await test.step("its own command keeps the tokens, listens at no port, and is replaced when it is killed", async () => {
      const first = image.start(options);
      await listens(first);
      const listening = ["tcp", "tcp6"].flatMap((kind) =>
        Deno.readTextFileSync(`/proc/net/${kind}`).split("\n").slice(1)
          .map((line) => line.trim().split(/\s+/))
          .filter(([, , , state, , , , user]) =>
            state === "0A" && Number(user) === uid
          )
      );
      assert.deepEqual(listening, []);
      const before = await run("token");
      assert.equal(before.code, 0, before.stderr);
      killContainer(first);
      await first.result;
      assert.ok(
        Deno.statSync(`${volume}/run/keeper.sock`),
        "the premise: it had no time to clean up",
      );
      const again = image.start(options);
      await listens(again);
      assert.equal((await run("token")).stdout, before.stdout);
      killContainer(again);
      await again.result;
    });

    await test.step("it is not healthy any more when the login has ended", async () => {
      machine.sandbox.revokeAll();
      assert.equal((await run("refresh")).code, 3);
      assert.equal(await health(), 0, "the access token works still");
      const path = `${volume}/${machine.sandbox.app.consumerKey}`;
      const tokens = JSON.parse(Deno.readTextFileSync(path));
      tokens.access_token.access_time -= 1801;
      Deno.writeTextFileSync(path, JSON.stringify(tokens));
      assert.equal(await health(), 3);
    });
  },
});
