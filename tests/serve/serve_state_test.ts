/** What a server leaves beside the tokens. */
import assert from "node:assert/strict";
import { writeState } from "../../src/serve/serve_state.ts";
import { temporaryDirectory } from "../support.ts";

Deno.test("a server that starts removes what one that was killed has left of its state", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const state = `${path}/serve.state`;
  const left = `.serve.state.${"0".repeat(32)}.tdauth.tmp`;
  Deno.writeTextFileSync(`${path}/${left}`, "{");
  writeState(
    {
      lock: `${path}/serve.lock`,
      state,
      directory: path,
      socket: `${path}/keeper.sock`,
    },
    {
      pid: 1,
      started: 0,
      version: "0.0.0",
      program: "tdauth",
      modified: null,
      socket: null,
    },
  );
  assert.ok(Deno.statSync(state).isFile);
  assert.equal((Deno.statSync(state).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual(
    [...Deno.readDirSync(path)].map(({ name }) => name)
      .filter((name) => name.endsWith(".tmp")),
    [],
  );
});
