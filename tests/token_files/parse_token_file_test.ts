import assert from "node:assert/strict";
import { TdauthError } from "../../src/base/errors.ts";
import { FORMAT_PROGRAMS } from "../../src/token_files/format_names.ts";
import { formatNamed, FORMATS } from "../../src/token_files/formats.ts";
import { parseTokenFile } from "../../src/token_files/parse_token_file.ts";
import { failsWith } from "../support.ts";
import { ACCESS, bytesOf, REFRESH, samples } from "./samples.ts";

const LOGIN = 1_800_000_000;
const ISSUED = LOGIN + 86_400;
const now = () => (ISSUED + 60) * 1000;
const SAMPLES = samples(LOGIN, ISSUED);

for (const [name, { format, file }] of Object.entries(SAMPLES)) {
  Deno.test(`parseTokenFile() knows the file of ${name} and keeps its tokens and times`, async () => {
    const found = await parseTokenFile(bytesOf(file), { now });
    const { accessToken, refreshToken, loginTime } = found.tokens;
    assert.equal(found.format.name, format);
    assert.deepEqual([String(accessToken), String(refreshToken)], [
      ACCESS,
      REFRESH,
    ]);
    assert.deepEqual([accessToken.accessTime, accessToken.expiry], [
      ISSUED,
      ISSUED + 1800,
    ]);
    const days = format.startsWith("schwab") ? 7 : 90;
    assert.equal(refreshToken.expiry, LOGIN + days * 86_400);
    // pyTD's file does not tell a login from a renewal.
    assert.equal(loginTime, format === "pytd" ? undefined : LOGIN);
    const named = await parseTokenFile(bytesOf(file), {
      now,
      formats: [formatNamed(format)],
    });
    assert.equal(named.format.name, format);
  });
}

Deno.test("parseTokenFile() reads the older tda-api file, whose login is not later than its access token", async () => {
  const { token } = SAMPLES["tda-api"]?.file ?? {};
  const { format, tokens } = await parseTokenFile(bytesOf(token), { now });
  assert.equal(format.name, "tda-api");
  assert.equal(tokens.loginTime, undefined);
  assert.equal(tokens.refreshToken.accessTime, ISSUED);
  const { expires_at: _, ...bare } = token as Record<string, unknown>;
  const ageless = await parseTokenFile(bytesOf(bare), { now });
  assert.equal(ageless.tokens.refreshToken.expiry, Infinity);
  assert.equal(ageless.tokens.accessToken.valid, false);
});

Deno.test("parseTokenFile() takes a date without an offset for UTC, and reckons with one that has it", async () => {
  const { file } = SAMPLES["Schwabdev 2"] ?? {};
  for (
    const [text, seconds] of [
      ["2023-11-14T22:13:20", 1_700_000_000],
      ["2023-11-14 22:13:20.999999", 1_700_000_000],
      ["2023-11-15T00:13:20+02:00", 1_700_000_000],
      ["2023-11-14T16:43:20.5-0530", 1_700_000_000],
      ["2023-11-14T22:13:20Z", 1_700_000_000],
    ] as const
  ) {
    const { tokens } = await parseTokenFile(
      bytesOf({ ...file, refresh_token_issued: text }),
      { now },
    );
    assert.equal(tokens.loginTime, seconds, text);
  }
});

Deno.test("parseTokenFile() takes fractions for whole seconds and no lifetime of more than ten years", async () => {
  const { tokens } = await parseTokenFile(bytesOf({
    refresh_token: { token: "R", access_time: 7.9, expires_in: 1e300 },
    access_token: { token: "A", access_time: 0.5, expires_in: 99.9 },
  }));
  assert.deepEqual(
    [tokens.refreshToken.accessTime, tokens.refreshToken.expiresIn],
    [7, 315_576_000],
  );
  assert.deepEqual(
    [tokens.accessToken.accessTime, tokens.accessToken.expiresIn],
    [0, 99],
  );
});

const schwabPy = SAMPLES["schwab-py"]?.file ?? {};
const schwabToken = schwabPy["token"] as Record<string, unknown>;
const schwabdev = SAMPLES["Schwabdev 2"]?.file ?? {};
const text = (value: string) => new TextEncoder().encode(value);

/** Files that are refused, and what is said of them. */
const REFUSED: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["is empty", text(" \n"), /: it is empty$/],
  ["is a list", text("[]"), /: it is not a JSON object$/],
  ["is cut off", text(`{"token": "${REFRESH}`), /: it is neither JSON nor an/],
  [
    "is half a UTF-16",
    Uint8Array.of(0xff, 0xfe, 0x7b),
    /: it is neither text in/,
  ],
  [
    "is unknown",
    bytesOf({ token: REFRESH }),
    /: it has no known format; looked for schwab-py \(.*\), Schwabdev 2 \(.*\), tda-api \(.*\), pyTD \(.*\), tdauth \(.*\) and Schwabdev 3 \(an SQLite database\)$/,
  ],
  [
    "may be of two programs",
    bytesOf({
      creation_timestamp: 1,
      token: { access_token: ACCESS, refresh_token: REFRESH },
    }),
    /: it matches schwab-py and tda-api; choose one with --format$/,
  ],
  [
    "has no refresh token",
    bytesOf({
      ...schwabPy,
      token: { ...schwabToken, refresh_token: null },
    }),
    /: it has no refresh token$/,
  ],
  [
    "is an empty cache",
    bytesOf({ refresh_token: null, access_token: null }),
    /: it has no refresh token$/,
  ],
  [
    "has a time in milliseconds",
    bytesOf({
      ...schwabPy,
      creation_timestamp: LOGIN * 1000,
    }),
    /"creation_timestamp" is not a time in seconds since 1970$/,
  ],
  [
    "has a negative time",
    bytesOf({ ...schwabPy, creation_timestamp: -1 }),
    /"creation_timestamp" is not a time/,
  ],
  [
    "has a textual time",
    bytesOf({ ...schwabPy, creation_timestamp: `${LOGIN}` }),
    /"creation_timestamp" is not a time/,
  ],
  [
    "has no time of login",
    bytesOf({ creation_timestamp: null, token: schwabToken }),
    /"creation_timestamp", the time of the login, is missing$/,
  ],
  [
    "has a textual lifetime",
    bytesOf({
      ...schwabPy,
      token: { ...schwabToken, expires_in: "1800" },
    }),
    /"expires_in" is not a number of seconds$/,
  ],
  [
    "has a token of several lines",
    bytesOf({
      ...schwabPy,
      token: { ...schwabToken, refresh_token: `${REFRESH}\r\nHost: x` },
    }),
    /"refresh_token" is not a token$/,
  ],
  [
    "has tokens of another kind",
    bytesOf({
      ...schwabPy,
      token: { ...schwabToken, token_type: REFRESH },
    }),
    /"token_type" is not Bearer$/,
  ],
  [
    "has a day that never was",
    bytesOf({
      ...schwabdev,
      refresh_token_issued: "2023-02-30T00:00:00",
    }),
    /"refresh_token_issued" is not a date and time since 1970$/,
  ],
  [
    "has a date before 1970",
    bytesOf({
      ...schwabdev,
      refresh_token_issued: "0001-01-01T00:00:00+00:00",
    }),
    /"refresh_token_issued" is not a date/,
  ],
  [
    "is of a newer tdauth",
    bytesOf({ ...SAMPLES["tdauth"]?.file, version: 2 }),
    /: a newer tdauth wrote it$/,
  ],
  [
    "is a database in a pipe",
    text("SQLite format 3\0rest"),
    /: a database cannot be read from a pipe; use its file name$/,
  ],
];

for (const [what, bytes, why] of REFUSED) {
  Deno.test(`parseTokenFile() refuses a file that ${what}, and quotes nothing of it`, async () => {
    const error = await failsWith("token_file_failed", parseTokenFile(bytes));
    assert.match(error.message, why);
    assert.doesNotMatch(Deno.inspect(error), /CANARY/);
  });
}

Deno.test("FORMATS has each name that --format has", () => {
  assert.deepEqual(
    FORMATS.map(({ name }) => name).sort(),
    Object.keys(FORMAT_PROGRAMS).sort(),
  );
});

Deno.test("parseTokenFile() reads every JSON file as Windows PowerShell 5 writes it", async () => {
  for (const { format, file } of Object.values(SAMPLES)) {
    const text = `\uFEFF${JSON.stringify(file, undefined, 2)}\n`
      .replaceAll("\n", "\r\n");
    const units = Uint16Array.from(text, (one) => one.charCodeAt(0));
    const found = await parseTokenFile(new Uint8Array(units.buffer), { now });
    assert.equal(found.format.name, format);
    assert.equal(String(found.tokens.refreshToken), REFRESH);
  }
});

Deno.test("formatNamed() takes a name in any case, schwabdev for its present version, and names all for another", () => {
  assert.equal(formatNamed("Schwab-Py").name, "schwab-py");
  assert.equal(formatNamed("schwabdev").name, "schwabdev-3");
  for (const name of ["", "constructor", "pickle"]) {
    assert.throws(
      () => formatNamed(name),
      (error) =>
        error instanceof TdauthError && error.code === "invalid_options" &&
        `${error.hint}` ===
          "use schwab-py, schwabdev-3, schwabdev-2, tda-api, pytd, tdauth, token-answer, dotenv or refresh-token",
    );
  }
});
