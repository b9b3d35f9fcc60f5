import assert from "node:assert/strict";
import { saveProfile } from "../../src/settings/save_profile.ts";
import { failsWith, only, temporaryDirectory } from "../support.ts";

Deno.test(
  only(
    "Unix",
    "saveProfile() closes pyTD's directory, which holds the app's tokens, and refuses one of other things",
  ),
  async () => {
    await using directory = temporaryDirectory();
    const path = `${directory.path}/.tdm`;
    Deno.mkdirSync(path);
    Deno.writeTextFileSync(`${path}/KEY@AMER.OAUTHAP`, "{}");
    Deno.chmodSync(path, 0o755);
    const save = (consumerKey: string) =>
      saveProfile(path, "default", { consumerKey });
    // deno-lint-ignore require-await -- what it throws becomes a rejection
    await failsWith("cache_unreadable", (async () => save("OTHER"))());
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o755);
    save("KEY@AMER.OAUTHAP");
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o700);
  },
);
