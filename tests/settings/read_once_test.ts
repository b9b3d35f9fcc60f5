/** What is done with every profile reads config.json once, not once for each of 10,000. */
import assert from "node:assert/strict";
import { resolveSettings } from "../../src/settings/settings.ts";

Deno.test("resolveSettings() reads no config.json where the caller has read it", async () => {
  const { consumerKey, profiles } = await resolveSettings({
    given: { configDir: "/nowhere/at/all", profile: "work" },
    env: () => undefined,
    dotenv: () => Promise.resolve({}),
    config: { profiles: { work: { consumerKey: "KEY" }, other: {} } },
  });
  assert.deepEqual([consumerKey, profiles], ["KEY", ["work", "other"]]);
});
