/** A process that is stopped while it holds the write lock. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  AccessToken,
  DiskCache,
  formatTokens,
  noTokens,
  RefreshToken,
} from "../../mod.ts";
import { denoProcess } from "../../tools/deno.ts";
import { lockStateOf } from "../../src/system/lock_state.ts";
import { failsWith, only, temporaryDirectory } from "../support.ts";

const CHILD = fileURLToPath(new URL("suspended_child.ts", import.meta.url));

const tokens = (token: string) =>
  formatTokens({
    ...noTokens(),
    accessToken: new AccessToken({ token: `A-${token}`, expiresIn: 60 }),
    refreshToken: new RefreshToken({ token, expiresIn: 60 }),
  });

Deno.test(
  only(
    "Unix",
    "DiskCache.write() stores what a broker has issued though another process holds the write lock for ever, and that one does not write over it (line 56)",
  ),
  async () => {
    await using directory = temporaryDirectory();
    const { path } = directory;
    const cache = new DiskCache(path, "tokens");
    await cache.write(tokens("OLD"), { kind: "login" });
    const child = denoProcess(["run", "-A", CHILD, path, "tokens"], {
      stdout: "piped",
    }).spawn();
    await using _end = {
      async [Symbol.asyncDispose]() {
        try {
          child.kill("SIGKILL"); // which ends a stopped one, too
        } catch {
          // It has ended.
        }
        await child.status;
      },
    };
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    assert.match(new TextDecoder().decode(value), /stopped/);
    assert.equal(lockStateOf(`${path}/.write.lock`), "held");

    // What can be had again gives up.
    await failsWith("busy", cache.write(tokens("MARK"), { kind: "journal" }));
    assert.equal(cache.refreshToken.token, "OLD");
    let turns = 0;
    const turning = setInterval(() => turns++, 10);
    await cache.write(tokens("NEW"), { kind: "refresh" });
    clearInterval(turning);
    assert.equal(lockStateOf(`${path}/.write.lock`), "held", "still");
    assert.ok(turns > 10, "the event loop went on");
    assert.equal(cache.refreshToken.token, "NEW");

    child.kill("SIGCONT");
    await reader.cancel();
    assert.equal((await child.status).code, 0);
    const file = JSON.parse(Deno.readTextFileSync(cache.path));
    assert.equal(file.times, 2, "it has looked again");
    assert.equal(file.refresh_token.token, "NEW");
  },
);
