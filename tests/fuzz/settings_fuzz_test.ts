/** `.env` and `certificate.json` of any bytes: what can be used of them, or nothing, at once, and nothing of them is lost or told. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeText } from "../../src/base/decode_text.ts";
import { TdauthError } from "../../src/base/errors.ts";
import {
  callbackCertificate,
  keptCertificate,
} from "../../src/certificate/certificate.ts";
import { readTrust } from "../../src/certificate/trust_record.ts";
import { parseDotenv, unreadNames } from "../../src/settings/dotenv.ts";
import { SETTING_NAMES, settingRow } from "../../src/settings/setting_table.ts";
import { resolveSettings } from "../../src/settings/settings.ts";
import { OWN_VARIABLES } from "../../src/settings/variable_table.ts";
import { shown } from "../../src/base/shown.ts";
import { temporaryDirectory } from "../support.ts";
import { damages, runs } from "./fuzz.ts";

const SECRET = "CANARY-IN-FILE";
/** A read that takes longer than this, in milliseconds, hangs. */
const LONGEST = 60_000;

const encode = (text: string) => new TextEncoder().encode(text);
const wide = (text: string) =>
  new Uint8Array(
    Uint16Array.from(`\ufeff${text}`, (one) => one.charCodeAt(0)).buffer,
  );

const VALID = `# mine
TD_CONSUMER_KEY="KEY"
export TD_CONSUMER_SECRET='${SECRET}'
TD_CALLBACK_URL=https://127.0.0.1:8182 # registered
TD_PROVIDER=schwab
TD_SCOPE=api
`;

const name = fc.constantFrom(
  ...OWN_VARIABLES,
  ...["TD_", "TD_X", "OTHER", "TD_\u200bSCOPE", '"TD_SCOPE"', "TD_CONFIG_DIR"],
);
const value = fc.oneof(
  fc.constantFrom(
    ...["", "True", "-1", "9".repeat(400), "/etc", "~", "..", SECRET],
    ...[
      "https://evil.example",
      "http://127.0.0.1:1",
      "javascript:1",
      "__proto__",
    ],
    ...["\u202e", "\x1b[2J", "\0", "\ufffd", "keychain", "work"],
  ),
  fc.string({ unit: "binary" }),
);
const quote = fc.constantFrom("", '"', "'", "`");
const line = fc.tuple(
  fc.constantFrom("", "export ", " ", "\t", "set "),
  name,
  fc.constantFrom("=", " = ", ":", ""),
  quote,
  value,
  quote,
  fc.constantFrom("\n", "\r\n", "\r", " # ", ""),
).map((parts) => parts.join(""));

const dotenv: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.array(line, { maxLength: 6 }).map((lines) => lines.join("")).chain((
    text,
  ) => fc.constantFrom(encode(text), wide(text))),
  ...damages(encode(VALID)),
  ...damages(wide(VALID)),
  fc.uint8Array({ maxLength: 300 }),
  fc.constantFrom(
    ...['"', "'", "`", "\\", "#", "="].map((one) =>
      encode(`TD_SCOPE=${one}\n`.repeat(20_000))
    ),
    encode(`TD_SCOPE="${" \n".repeat(200_000)}`),
    encode(`TD_SCOPE${" ".repeat(200_000)}x`),
    encode(`${"\u200b".repeat(50_000)}TD_SCOPE=1`),
  ),
);

Deno.test("resolveSettings() turns any bytes in .env into settings or an error of invalid_options, and takes nothing that .env may not choose", async () => {
  await using directory = temporaryDirectory();
  const configDir = directory.path;
  const seen = { settings: 0, errors: 0, unread: 0 };
  await fc.assert(
    fc.asyncProperty(dotenv, async (bytes) => {
      const began = performance.now();
      // As readTextFile() decodes it; the working directory is all tests'.
      const text = decodeText(bytes) ?? new TextDecoder().decode(bytes);
      const variables = parseDotenv(text);
      for (const [name, value] of Object.entries(variables)) {
        assert.match(name, /^TD_\w+$/);
        assert.notEqual(value, "");
      }
      if (unreadNames(text).length > 0) seen.unread++;
      const settings = await resolveSettings({
        given: { configDir },
        env: () => undefined,
        dotenv: () => variables,
      }).catch((error) => error);
      if (settings instanceof Error) {
        assert.ok(settings instanceof TdauthError, Deno.inspect(settings));
        assert.equal(settings.code, "invalid_options");
        const told = `${settings.message} ${settings.hint} ${settings.stack} ${
          Deno.inspect(settings, { depth: 100, showHidden: true })
        }`;
        assert.equal(told, shown(told));
        // Only the value of what is no secret is repeated.
        if (variables["TD_CONSUMER_SECRET"] === SECRET) {
          const repeated = Object.entries(variables).some(([name, value]) =>
            name !== "TD_CONSUMER_SECRET" && value.includes(SECRET)
          );
          if (!repeated) assert.ok(!told.includes(SECRET), told);
        }
        seen.errors++;
      } else {
        for (const name of SETTING_NAMES) {
          if (settings.sources[name] !== ".env") continue;
          const { trust } = settingRow(name);
          const text = String(settings[name] ?? "");
          assert.ok(trust === "anywhere" || trust.harmless?.is(text), name);
          assert.equal(text, shown(text));
        }
        assert.equal(settings.configDir, configDir);
        seen.settings++;
      }
      assert.ok(performance.now() - began < LONGEST);
    }),
    runs(2000),
  );
  const { settings, errors, unread } = seen;
  assert.ok(
    settings > 100 && errors > 100 && unread > 0,
    JSON.stringify(seen),
  );
});

Deno.test("keptCertificate() and readTrust() turn any bytes into what was there, nothing or an error, and change nothing", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  await callbackCertificate(path);
  const file = `${path}/certificate.json`;
  const valid = Deno.readFileSync(file);
  const { version, not_after, cert, ca, key } = JSON.parse(
    new TextDecoder().decode(valid),
  );
  const secret = key.split("\n")[1];
  const anything = fc.oneof(
    fc.constantFrom<unknown>(cert, ca, key, not_after, 2, null, "", [], {}),
    fc.double(),
    fc.string({ unit: "binary" }),
    fc.jsonValue(),
  );
  const fields = { version, not_after, cert, ca, key };
  const wild = fc.tuple(
    fc.constantFrom(...Object.keys(fields), "trusted", "__proto__"),
    anything,
  ).map(([name, value]) =>
    encode(JSON.stringify({ ...fields, trusted: [], [name]: value }))
  );
  const store = fc.record({
    kind: fc.oneof(fc.constant("nss"), anything),
    path: fc.oneof(fc.string(), anything),
  });
  const trust = fc.record({
    version: fc.oneof(
      { weight: 5, arbitrary: fc.constant<unknown>(1) },
      anything,
    ),
    trusted: fc.oneof(
      fc.array(fc.record({ ca: fc.string(), stores: fc.array(store) })),
      fc.constant([{ ca, stores: [{ kind: "nss", path: "/p" }] }]),
      anything,
    ),
  }).map((file) => encode(JSON.stringify(file)));
  const bytes = fc.oneof(
    wild,
    trust,
    ...damages(valid),
    fc.constant(wide(new TextDecoder().decode(valid))),
    fc.json().map(encode),
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(
      encode("[".repeat(200_000)),
      encode(`{"version": 2, "cert": "${"A".repeat(500_000)}"}`),
      encode(
        `{"version": 1, "trusted": ${"[".repeat(9000)}${"]".repeat(9000)}}`,
      ),
      encode(
        `{"version": 2, "not_after": 1e999, "key": "-----BEGIN PRIVATE KEY-----${
          "\\n".repeat(100_000)
        }"}`,
      ),
    ),
  );
  const seen = { kept: 0, none: 0, trust: 0, damaged: 0 };
  await fc.assert(
    fc.property(bytes, (content) => {
      const began = performance.now();
      Deno.writeFileSync(file, content, { mode: 0o600 });
      Deno.writeFileSync(`${path}/trust.json`, content, { mode: 0o600 });
      const kept = keptCertificate(path);
      if (kept === undefined) seen.none++;
      else {
        seen.kept++;
        for (const text of [kept.key, kept.cert, kept.ca]) {
          assert.equal(typeof text, "string");
        }
        assert.ok(Number.isInteger(kept.notAfter));
      }
      try {
        for (const { ca, stores } of readTrust(path)) {
          assert.equal(typeof ca, "string");
          assert.ok(Array.isArray(stores));
        }
        seen.trust++;
      } catch (error) {
        assert.ok(error instanceof TdauthError, Deno.inspect(error));
        assert.match(error.code, /^(certificate_failed|cache_unreadable)$/);
        const told = Deno.inspect(error, { depth: 100, showHidden: true });
        assert.ok(!told.includes(secret), told);
        seen.damaged++;
      }
      assert.deepEqual(Deno.readFileSync(file), content);
      assert.deepEqual(Deno.readFileSync(`${path}/trust.json`), content);
      assert.ok(performance.now() - began < LONGEST);
    }),
    runs(1000),
  );
  assert.ok(
    Object.values(seen).every((count) => count > 5),
    JSON.stringify(seen),
  );
});
