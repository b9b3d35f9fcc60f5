/** `deno task torture` with few tries. */
import assert from "node:assert/strict";
import { tortureKeeper } from "../../tools/torture_keeper.ts";
import {
  type Count,
  tortureRefreshes,
  tortureWrites,
} from "../../tools/torture_tries.ts";

/** Nothing is lost, left behind, locked or open to others. */
function assertUnharmed(count: Count, tries: number): void {
  const { losses, stale, stuck, open, unproven, troubles } = count;
  assert.deepEqual(
    { tries: count.tries, losses, stale, stuck, open, unproven },
    { tries, losses: 0, stale: 0, stuck: 0, open: 0, unproven: 0 },
    troubles.join("\n"),
  );
}

Deno.test("DiskCache keeps the newest durable tokens, whole, when its process is killed at 12 random moments", async () => {
  let middle = 0;
  for (let rounds = 0; rounds < 10 && middle === 0; rounds++) {
    const count = await tortureWrites(12);
    assertUnharmed(count, 12);
    middle = count.middle;
  }
  assert.ok(middle > 0, "no kill hit the middle of a write");
});

for (const rotation of ["none", "rotate", "kill"] as const) {
  Deno.test(`authorize() keeps the newest durable tokens when its process is killed at 6 random moments of refreshing, with rotation ${rotation}`, async () => {
    let middle = 0;
    let proven = 0;
    for (let rounds = 0; rounds < 10 && middle * proven === 0; rounds++) {
      const count = await tortureRefreshes(6, rotation);
      assertUnharmed(count, 6);
      if (rotation === "none") assert.equal(count.lostAnswers, 0);
      middle += count.middle;
      proven += count.proven;
    }
    assert.ok(middle > 0, "no kill hit the middle of a refresh");
    assert.ok(
      proven > 0,
      "the broker never behaved as specified",
    );
  });
}

Deno.test({
  name: Deno.build.os === "windows"
    ? "tdauth serve keeps its login (ignored: Unix only, it has no socket)"
    : "tdauth serve keeps its login when it is killed at 20 moments while two followers and tdauth token ask, and one process refreshes at a time",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const count = await tortureKeeper(20);
    assertUnharmed(count, 20);
    assert.equal(count.proven, 20, "the broker did not rotate and kill");
    assert.ok(count.middle > 0, "no kill hit the middle of a refresh");
  },
});
