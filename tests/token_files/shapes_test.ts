import assert from "node:assert/strict";
import fc from "fast-check";
import { formatNamed } from "../../src/token_files/formats.ts";
import { parseTokenFile } from "../../src/token_files/parse_token_file.ts";
import { failsWith } from "../support.ts";
import { ACCESS, REFRESH } from "./samples.ts";
import { shapes } from "./shapes.ts";

const ISSUED = 1_800_000_000;
const NOW = ISSUED + 600;
const now = () => NOW * 1000;
const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string, options = {}) =>
  parseTokenFile(bytes(text), { now, ...options });

/** A text as Windows PowerShell 5 writes it. */
function powerShell(text: string): Uint8Array {
  return new Uint8Array(
    Uint16Array.from(
      `\uFEFF${text.replaceAll("\n", "\r\n")}\r\n`,
      (character) => character.charCodeAt(0),
    ).buffer,
  );
}

for (const [name, { format, text, says }] of Object.entries(shapes(ISSUED))) {
  Deno.test(`parseTokenFile() reads ${name}, and no time in it is of 1970`, async () => {
    const named = await read(text, { formats: [formatNamed(format)] });
    assert.equal(named.format.name, format);
    for (const file of [bytes(text), powerShell(text)]) {
      const found = await parseTokenFile(file, { now });
      const { accessToken, refreshToken, loginTime, consumerKey } =
        found.tokens;
      assert.equal(found.format.name, format);
      assert.equal(String(refreshToken), REFRESH);
      assert.equal(loginTime, undefined);
      assert.equal(consumerKey, says.consumerKey);
      assert.ok(refreshToken.accessTime >= ISSUED);
      assert.equal(found.assumed, says.refreshExpiry === undefined);
      if (says.refreshExpiry !== undefined) {
        assert.equal(refreshToken.expiry, says.refreshExpiry);
      }
      if (says.accessExpiry === undefined) {
        assert.equal(accessToken.token, undefined);
      } else {
        assert.equal(String(accessToken), ACCESS);
        assert.equal(accessToken.expiry, says.accessExpiry);
        assert.ok(accessToken.accessTime >= ISSUED);
        assert.equal(accessToken.valid, true);
      }
    }
  });
}

Deno.test("parseTokenFile() counts from the time of the login that the user says", async () => {
  const answer = JSON.stringify({
    access_token: ACCESS,
    refresh_token: REFRESH,
    expires_in: 1800,
    refresh_token_expires_in: 7000,
    scope: "trade",
  });
  const found = await read(answer, { loginTime: ISSUED });
  const { accessToken, refreshToken, loginTime } = found.tokens;
  assert.equal(found.assumed, false);
  assert.equal(loginTime, ISSUED);
  assert.equal(accessToken.expiry, ISSUED + 1800);
  assert.equal(refreshToken.expiry, ISSUED + 7000);
  const bare = await read(REFRESH, { loginTime: ISSUED });
  assert.deepEqual(
    [bare.assumed, bare.tokens.loginTime, bare.tokens.refreshToken.accessTime],
    [false, ISSUED, ISSUED],
  );
  const stated = JSON.stringify({ refresh_token: REFRESH, login_time: ISSUED });
  assert.equal(
    (await read(stated, { loginTime: ISSUED })).tokens.loginTime,
    ISSUED,
  );
  const error = await failsWith(
    "token_file_failed",
    read(stated, { loginTime: ISSUED + 1 }),
  );
  assert.match(error.message, /another time of the login than --login-time$/);
});

Deno.test("parseTokenFile() notes a time without a time zone, and an access token that it leaves out", async () => {
  const { notes } = await read(JSON.stringify({
    access_token: ACCESS,
    refresh_token: REFRESH,
    refresh_token_expires_at: "2027-12-01T00:00:00",
  }));
  assert.deepEqual(notes, [
    "nothing says how old the access token is: the first call gets a new one",
    '"refresh_token_expires_at" has no time zone, and is read as UTC',
  ]);
  const zoned = await read(JSON.stringify({
    refresh_token: REFRESH,
    refresh_token_expires_at: "2027-12-01T00:00:00+01:00",
  }));
  assert.deepEqual(zoned.notes, []);
  const schwabdev = await read(JSON.stringify({
    access_token_issued: "2027-01-15T08:00:00",
    refresh_token_issued: "2027-01-15T08:00:00.5",
    token_dictionary: { refresh_token: REFRESH, access_token: ACCESS },
  }));
  assert.deepEqual(schwabdev.notes, [
    '"refresh_token_issued" has no time zone, and is read as UTC',
    '"access_token_issued" has no time zone, and is read as UTC',
  ]);
});

const json = (more: Record<string, unknown>) =>
  JSON.stringify({ refresh_token: REFRESH, access_token: ACCESS, ...more });

/** Texts that are refused, and why. */
const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  [
    "is a token answer or tda-api's",
    json({ refresh_token_expires_in: 7_776_000 }),
    /matches tda-api and a token answer; choose one with --format$/,
  ],
  [
    "has several refresh tokens",
    `A_REFRESH_TOKEN=${REFRESH}\nB_REFRESH_TOKEN=${REFRESH}2`,
    /several refresh tokens: A_REFRESH_TOKEN, B_REFRESH_TOKEN$/,
  ],
  [
    "has several refresh tokens in JSON",
    JSON.stringify({ refreshToken: REFRESH, refresh_token: `${REFRESH}2` }),
    /several refresh tokens: refreshToken, refresh_token$/,
  ],
  [
    "has two access tokens",
    json({ accessToken: `${ACCESS}2` }),
    /"access_token" has two values$/,
  ],
  [
    "has two expiries that contradict each other",
    json({ expires_at: ISSUED, expiry_date: (ISSUED + 5) * 1000 }),
    /"expires_at" and "expiry_date" contradict each other$/,
  ],
  [
    "has an expiry before the login",
    json({ login_time: ISSUED, refresh_token_expires_at: ISSUED - 1 }),
    /expires before it was issued$/,
  ],
  ["has a textual expiry", json({ expires_at: "soon" }), /is not a time$/],
  ["has an expiry in microseconds", json({ expiry: 1.8e15 }), /is not a time$/],
  [
    "has a day that never was",
    json({ expiry: "2026-02-30T00:00:00Z" }),
    /is not a time$/,
  ],
  [
    "has a negative lifetime",
    json({ expires_in: -1 }),
    /is not a number of seconds$/,
  ],
  ["has another type", json({ token_type: "mac" }), /is not Bearer$/],
  [
    "has a # that ends the value for some programs",
    `REFRESH_TOKEN=${REFRESH}#x`,
    /the value of REFRESH_TOKEN has a # and no quotes$/,
  ],
  [
    "has an open quote",
    `REFRESH_TOKEN="${REFRESH}`,
    /the value of REFRESH_TOKEN has an open quote$/,
  ],
  [
    "is of two words",
    `${REFRESH} ${REFRESH}`,
    /it has no known format; looked for .* a bare refresh token \(.*\) and/,
  ],
  ["is a URL", `https://localhost/?code=${REFRESH}`, /has no known format/],
  ["is a short word", "token", /has no known format/],
  ["has no value", "REFRESH_TOKEN=", /has no known format/],
  ["has another value", `ID_TOKEN=${ACCESS}`, /has no known format/],
  ["has no token", JSON.stringify({ access_token: "" }), /has no known format/],
  [
    "has several access tokens and no refresh token",
    `A_ACCESS_TOKEN=${ACCESS}\nB_ACCESS_TOKEN=${ACCESS}2`,
    /several access tokens: A_ACCESS_TOKEN, B_ACCESS_TOKEN$/,
  ],
  [
    "is a form with a name twice",
    `access_token=${ACCESS}&access_token=${ACCESS}2`,
    /the value of access_token has a & and no quotes$/,
  ],
  [
    "has a line that begins like a form",
    `REFRESH_TOKEN=${REFRESH}&expires_in=5\nX=1`,
    /the value of REFRESH_TOKEN has a & and no quotes$/,
  ],
  [
    "is a secret of Kubernetes",
    JSON.stringify({ kind: "Secret", data: { refresh_token: btoa(REFRESH) } }),
    /a secret whose values are in base64$/,
  ],
  [
    "is a binary secret of AWS",
    JSON.stringify({ Name: "x", SecretBinary: btoa(REFRESH) }),
    /a secret whose values are in base64$/,
  ],
  [
    "is a secret of Google Secret Manager",
    JSON.stringify({ name: "x", payload: { data: btoa(REFRESH) } }),
    /a secret whose values are in base64$/,
  ],
  [
    "is a secret with damaged JSON",
    JSON.stringify({ SecretString: `{"refresh_token":"${REFRESH}"` }),
    /neither JSON nor an SQLite database$/,
  ],
  ["is what jq prints for nothing", "null", /it is not a JSON object$/],
  [
    "is a token file in base64",
    btoa(json({ expires_at: ISSUED })),
    /it is a token file in base64$/,
  ],
  [
    "is a .env in base64",
    btoa(`REFRESH_TOKEN=${REFRESH}\n`),
    /it is a token file in base64$/,
  ],
];

for (const [what, text, why] of REFUSED) {
  Deno.test(`parseTokenFile() refuses a text that ${what}, and quotes nothing of it`, async () => {
    const error = await failsWith("token_file_failed", read(text));
    assert.match(error.message, why);
    assert.doesNotMatch(Deno.inspect(error), /CANARY/);
  });
}

Deno.test("parseTokenFile() reads a bare token that looks like something else only with --format", async () => {
  const formats = [formatNamed("refresh-token")];
  for (const token of ["short", `${REFRESH}"{`, "A=b=c", "12345678"]) {
    const { tokens } = await read(token, { formats });
    assert.equal(String(tokens.refreshToken), token);
  }
  const digits = await read("1234567890");
  assert.equal(digits.format.name, "refresh-token");
  for (
    const [text, why] of [
      ["https://localhost/", /it is a URL/],
      ["two words", /more than one word/],
      ["{}", /it is JSON/],
      [json({}), /it is of a token answer, not of a bare refresh token$/],
    ] as const
  ) {
    const error = await failsWith("token_file_failed", read(text, { formats }));
    assert.match(error.message, why);
  }
});

Deno.test("parseTokenFile() takes a base64 refresh token for one, whatever JSON is in it", async () => {
  const token = btoa(`{"iv":"${"x".repeat(60)}","value":"y"}`);
  const { tokens } = await read(token);
  assert.equal(String(tokens.refreshToken), token);
});

const safe = fc.string({
  unit: fc.constantFrom(
    ..."ABCXYZabcxyz0189-._~+/%@:!*$|",
  ),
  minLength: 8,
  maxLength: 200,
});

Deno.test("parseTokenFile() reads each bare token and each .env line of one in any encoding", async () => {
  await fc.assert(
    fc.asyncProperty(
      safe,
      fc.constantFrom("", "A_", "TD_", "schwab."),
      fc.constantFrom("", "export ", "set ", "  "),
      fc.constantFrom("", '"', "'"),
      async (token, prefix, before, quote) => {
        const line = `${before}${prefix}REFRESH_TOKEN=${quote}${
          quote === '"' ? token.replaceAll("$", "\\$") : token
        }${quote}`;
        for (const text of [token, line]) {
          const found = await parseTokenFile(powerShell(text), { now });
          assert.equal(String(found.tokens.refreshToken), token, text);
        }
      },
    ),
    { seed: 20261130, numRuns: 300 },
  );
});

const ALONE = { access_token: ACCESS, token_type: "bearer", scope: "repo" };
for (
  const [what, text, options, expected] of [
    ["GitHub's answer", JSON.stringify(ALONE), {}, [NOW, Infinity, true]],
    [
      "GitHub's answer as a form",
      `access_token=${ACCESS}&scope=repo%2Cgist&token_type=bearer`,
      {},
      [NOW, Infinity, true],
    ],
    [
      "an answer with a lifetime",
      JSON.stringify({ ...ALONE, expires_in: 3600, refresh_token: null }),
      {},
      [NOW, 3600, true],
    ],
    [
      "an answer with a lifetime and a known login",
      JSON.stringify({ ...ALONE, expires_in: 3600 }),
      { loginTime: ISSUED },
      [ISSUED, 3600, false],
    ],
    [
      "an answer without an end and a known login",
      JSON.stringify({ ...ALONE, expires_in: 0 }),
      { loginTime: ISSUED },
      [ISSUED, Infinity, false],
    ],
    [
      "a token with its end",
      JSON.stringify({ ...ALONE, expires_in: 3600, expires_at: ISSUED + 3600 }),
      {},
      [ISSUED, 3600, false],
    ],
    [
      "a .env file with its end",
      `GITHUB_ACCESS_TOKEN=${ACCESS}\nGITHUB_EXPIRES_AT=${NOW + 60}`,
      {},
      [NOW, 60, false],
    ],
    [
      "pyTD's file",
      JSON.stringify({
        refresh_token: null,
        access_token: { token: ACCESS, access_time: ISSUED, expires_in: 1800 },
      }),
      {},
      [ISSUED, 1800, false],
    ],
    [
      "tdauth's file without a known end",
      JSON.stringify({
        version: 1,
        refresh_token: null,
        access_token: { token: ACCESS, access_time: ISSUED, expires_in: null },
      }),
      {},
      [ISSUED, Infinity, false],
    ],
  ] as const
) {
  Deno.test(`parseTokenFile() reads an access token without a refresh token: ${what}`, async () => {
    const { tokens, assumed, notes } = await read(text, options);
    const { accessToken, refreshToken } = tokens;
    assert.equal(refreshToken.token, undefined);
    assert.equal(String(accessToken), ACCESS);
    assert.deepEqual(
      [accessToken.accessTime, accessToken.expiresIn, assumed],
      expected,
    );
    assert.equal(
      notes.includes(
        "nothing says when the access token ends: it is used until it is refused",
      ),
      accessToken.expiresIn === Infinity && !text.includes("access_time"),
    );
  });
}

/** The answers of secrets managers around a file. */
const WRAPPERS: Readonly<Record<string, (text: string) => string>> = {
  "AWS Secrets Manager": (text) =>
    JSON.stringify({ ARN: "arn:x", Name: "x", SecretString: text }),
  "Azure Key Vault": (text) =>
    JSON.stringify({ attributes: {}, id: "https://x", value: text }),
};
const vault = (data: unknown) =>
  JSON.stringify({ request_id: "x", data: { data, metadata: { version: 1 } } });

for (const [name, { format, text }] of Object.entries(shapes(ISSUED))) {
  Deno.test(`parseTokenFile() reads ${name} in the answer of a secrets manager as it reads it alone`, async () => {
    const alone = await read(text);
    const around = Object.values(WRAPPERS).map((wrap) => wrap(text));
    if (format === "token-answer") {
      around.push(vault(JSON.parse(text)), `{"data":${text}}`);
    }
    for (const one of around) {
      const found = await read(one);
      assert.equal(found.format.name, format);
      assert.deepEqual(
        JSON.stringify(found.tokens),
        JSON.stringify(alone.tokens),
      );
      assert.equal(String(found.tokens.refreshToken), REFRESH);
    }
  });
}

Deno.test("parseTokenFile() takes the answers of secrets managers off three deep, and no deeper", async () => {
  let text = JSON.stringify({ refresh_token: REFRESH });
  for (let depth = 0; depth < 3; depth++) {
    text = JSON.stringify({ SecretString: text });
    const { tokens } = await read(text);
    assert.equal(String(tokens.refreshToken), REFRESH);
  }
  const deeper = JSON.stringify({ SecretString: text });
  const error = await failsWith("token_file_failed", read(deeper));
  assert.match(error.message, /has no known format/);
});

Deno.test("parseTokenFile() takes nothing off a file that has tokens of its own", async () => {
  const { tokens } = await read(JSON.stringify({
    refresh_token: REFRESH,
    data: { refresh_token: `${REFRESH}2` },
  }));
  assert.equal(String(tokens.refreshToken), REFRESH);
});
