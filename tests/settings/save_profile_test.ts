import assert from "node:assert/strict";
import { saveProfile } from "../../src/settings/save_profile.ts";
import { failsWith, only, temporaryDirectory } from "../support.ts";

Deno.test(
  only(
    "Unix",
    "saveProfile() closes pyTD's directory, which holds tokens, and refuses one that has only a file of the app's name",
  ),
  async () => {
    await using directory = temporaryDirectory();
    const path = `${directory.path}/.tdm`;
    Deno.mkdirSync(path);
    const file = `${path}/KEY@AMER.OAUTHAP`;
    Deno.writeTextFileSync(file, "{}");
    Deno.chmodSync(path, 0o755);
    const consumerKey = "KEY@AMER.OAUTHAP";
    // deno-lint-ignore require-await -- what it throws becomes a rejection
    const save = async () => saveProfile(path, "default", { consumerKey });
    await failsWith("cache_unreadable", save());
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o755);
    Deno.writeTextFileSync(file, '{"refresh_token":null,"access_token":null}');
    await save();
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o700);
  },
);
