import assert from "node:assert/strict";
import { TdauthError } from "../../src/base/errors.ts";
import { parseLoginTime } from "../../src/token_files/login_time.ts";

const NOW = 1_800_000_000_500;

Deno.test("parseLoginTime() reads now, seconds, milliseconds and dates with a time zone", () => {
  for (
    const [text, seconds] of [
      ["now", 1_800_000_000],
      ["1700000000", 1_700_000_000],
      ["1700000000123", 1_700_000_000],
      ["2023-11-14T22:13:20Z", 1_700_000_000],
      ["2023-11-15 00:13:20.5+02:00", 1_700_000_000],
      [" 2023-11-14T22:13Z ", 1_699_999_980],
    ] as const
  ) {
    assert.deepEqual(
      parseLoginTime(text, NOW),
      { seconds, local: false },
      text,
    );
  }
});

Deno.test("parseLoginTime() reads a date without a time zone on this machine's clock, and says so", () => {
  const { seconds, local } = parseLoginTime("2023-11-14T22:13", NOW);
  const shown = new Date(seconds * 1000);
  assert.deepEqual(
    [shown.getFullYear(), shown.getMonth(), shown.getDate(), shown.getHours()],
    [2023, 10, 14, 22],
  );
  assert.deepEqual([shown.getMinutes(), shown.getSeconds()], [13, 0]);
  assert.equal(local, true);
});

Deno.test("parseLoginTime() rejects everything else, and every time before 1971", () => {
  for (
    const text of [
      ...["", "yesterday", "2d", "-1", "0", "1e9", "1970-01-01T00:00:00Z"],
      ...["2023-02-30T00:00Z", "2023-11-14", "22:13", "9".repeat(15)],
    ]
  ) {
    assert.throws(
      () => parseLoginTime(text, NOW),
      (error) =>
        error instanceof TdauthError && error.code === "invalid_options",
      text,
    );
  }
});
