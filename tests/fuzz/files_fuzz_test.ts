/** Files that somebody or something has damaged: what is read of them makes sense or an error, and nothing of them is lost. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeText } from "../../src/base/decode_text.ts";
import { DiskCache } from "../../src/cache/disk_cache.ts";
import { formatTokens } from "../../src/token/token_json.ts";
import { TdauthError } from "../../src/base/errors.ts";
import { PROFILE_KEYS } from "../../src/settings/setting_values.ts";
import { resolveSettings } from "../../src/settings/settings.ts";
import {
  AccessToken,
  RefreshToken,
  type Tokens,
} from "../../src/token/token.ts";
import { failsWith, temporaryDirectory } from "../support.ts";
import { damages, runs } from "./fuzz.ts";
import { tokensIn } from "../tokens_in.ts";

const SECRET = "CANARY-IN-FILE";
/** A read of a file that takes longer than this, in milliseconds, hangs. */
const LONGEST = 60_000;

const now = () => 1_800_000_000_000;
const TOKENS: Tokens = {
  accessToken: new AccessToken(
    { token: "NEW-ACCESS", accessTime: 1_800_000_000, expiresIn: 1800 },
    now,
  ),
  refreshToken: new RefreshToken(
    { token: "NEW-REFRESH", accessTime: 1_800_000_000, expiresIn: 604_800 },
    now,
  ),
  provider: "schwab",
};

const encode = (text: string) => new TextEncoder().encode(text);
const VALID_TOKENS = encode(formatTokens({
  ...TOKENS,
  refreshToken: new RefreshToken({ token: SECRET, expiresIn: 1 }, now),
}));
const VALID_CONFIG = encode(JSON.stringify({
  profiles: {
    default: {
      provider: "schwab",
      consumerKey: "KEY",
      consumerSecret: SECRET,
      callbackUrl: "https://127.0.0.1:8182",
    },
  },
}));

/** Anything that may stand where something else should. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1e300, "", SECRET, [], {}),
  fc.double(),
  fc.string({ unit: "binary" }),
  fc.jsonValue(),
);

const number = fc.oneof(
  fc.constantFrom(
    "1e999",
    "-1e999",
    "1e308",
    "9".repeat(400),
    "0",
    "-0",
    "1e-9",
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);

/** A token file whose entries are of the right kinds with wild numbers, or of any kind. */
const tokenFile = fc.tuple(number, number, number, number, anything, anything)
  .map(([a, b, c, d, scope, provider]) =>
    `{"access_token": {"token": "${SECRET}-A", "access_time": ${a}, "expires_in": ${b}},
      "refresh_token": {"token": "${SECRET}-R", "access_time": ${c}, "expires_in": ${d}},
      "scope": ${JSON.stringify(scope)}, "provider": ${
      JSON.stringify(provider)
    },
      "__proto__": {"access_token": {"token": "${SECRET}"}}, "constructor": 1}`
  );

const entry = fc.oneof(
  anything,
  fc.record({
    token: anything,
    access_time: anything,
    expires_in: anything,
    __proto__: anything,
  }, { requiredKeys: [] }),
);

const wildTokenFile = fc.record({
  access_token: entry,
  refresh_token: entry,
  version: anything,
  provider: anything,
  consumer_key: anything,
  login_time: anything,
  scope: anything,
  __proto__: entry,
  extra: anything,
}, { requiredKeys: [] }).map((value) => JSON.stringify(value));

const wildConfig = fc.record({
  profiles: fc.oneof(
    anything,
    fc.record({
      default: fc.oneof(
        anything,
        fc.record({
          ...Object.fromEntries(PROFILE_KEYS.map((key) => [key, anything])),
          __proto__: anything,
          profile: anything,
        }, { requiredKeys: [] }),
        fc.dictionary(fc.string(), fc.string()),
      ),
      __proto__: anything,
    }, { requiredKeys: [] }),
  ),
  __proto__: anything,
}, { requiredKeys: [] }).map((value) => JSON.stringify(value));

/** Bytes of a damaged file: parts, flipped bits and fillings of a valid one, made-up ones, and noise. */
function damaged(
  valid: Uint8Array,
  ...made: readonly fc.Arbitrary<string>[]
): fc.Arbitrary<Uint8Array> {
  const place = fc.nat(valid.length - 1);
  return fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    ...damages(valid),
    place.map((start) => valid.slice(start)),
    ...made.map((texts) => texts.map(encode)),
    fc.json().map(encode),
    fc.constantFrom(
      encode("[".repeat(200_000)),
      encode(`{"access_token":`.repeat(20_000)),
      encode(`${"[".repeat(2000)}${"]".repeat(2000)}`),
      encode("\uFEFF"),
      encode("\uFEFF\uFEFF{}"),
      Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0),
      encode(" ".repeat(1_000_000)),
    ),
  );
}

/** Whether bytes are in some file of a directory. */
function holds(directory: string, bytes: Uint8Array): boolean {
  return [...Deno.readDirSync(directory)].some(({ name, isFile }) => {
    if (!isFile) return false;
    const found = Deno.readFileSync(`${directory}/${name}`);
    return found.length === bytes.length &&
      found.every((byte, index) => byte === bytes[index]);
  });
}

/** Whether bytes are an object in JSON, or nothing at all. */
function isObject(bytes: Uint8Array): boolean {
  const text = (decodeText(bytes) ?? new TextDecoder().decode(bytes)).trim();
  if (text === "") return true;
  try {
    JSON.parse(text);
    return text.startsWith("{");
  } catch {
    return false;
  }
}

function checkShown(error: unknown): asserts error is TdauthError {
  assert.ok(error instanceof TdauthError, Deno.inspect(error));
  const shown = `${error.message}${error.hint}${error.stack}${
    Deno.inspect(error, { depth: 100, showHidden: true })
  }`;
  assert.ok(!shown.includes(SECRET), shown);
}

Deno.test("DiskCache reads tokens or throws a TdauthError from any bytes, keeps all of them, and can be used again", async () => {
  await using directory = temporaryDirectory();
  let run = 0;
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      damaged(VALID_TOKENS, tokenFile, wildTokenFile),
      async (bytes) => {
        const place = `${directory.path}/${run++}`;
        Deno.mkdirSync(place, { mode: 0o700 });
        Deno.writeFileSync(`${place}/tokens`, bytes, { mode: 0o600 });
        const began = performance.now();
        const cache = new DiskCache(place, "tokens", { now });
        const loaded = await tokensIn(cache, now).load().catch((error) =>
          error
        );
        if (loaded instanceof Error) {
          checkShown(loaded);
          assert.match(loaded.code, /^cache_(corrupt|unreadable)$/);
          seen.add(loaded.code);
        } else checkTokens(loaded);
        assert.ok(holds(place, bytes), "the bytes are gone");
        // Never taken for an empty cache: that would end in a login, and over it.
        if (!isObject(bytes)) assert.match(`${loaded.code}`, /^cache_/);
        // A file of a newer format, and what is no token file, is left alone; every other can be written over.
        if (loaded.code === "cache_unreadable") {
          await failsWith(
            "cache_unreadable",
            tokensIn(cache, now).save(TOKENS, "refresh"),
          );
          // A logout takes tokens away, those of a newer format as well.
          if (/something else/.test(loaded.message)) {
            await failsWith("cache_unreadable", cache.clear());
          }
          assert.deepEqual(Deno.readFileSync(`${place}/tokens`), bytes);
          return;
        }
        await tokensIn(cache, now).save(TOKENS, "refresh");
        const stored = await tokensIn(cache, now).load();
        assert.equal(stored.refreshToken.token, "NEW-REFRESH");
        assert.equal(stored.accessToken.valid, true);
        assert.equal(stored.provider, "schwab");
        if (loaded.code === "cache_corrupt") assert.ok(holds(place, bytes));
        const took = performance.now() - began;
        assert.ok(took < LONGEST, `${took} ms`);
        Deno.removeSync(place, { recursive: true });
      },
    ),
    runs(1000),
  );
  assert.deepEqual([...seen].sort(), [
    "cache_corrupt",
    "cache_unreadable",
    "tokens",
  ]);

  function checkTokens(tokens: Tokens): void {
    for (const token of [tokens.accessToken, tokens.refreshToken]) {
      const { remaining } = token;
      assert.ok(
        remaining >= 0 && Number.isFinite(remaining) ||
          token.expiresIn === Infinity,
      );
      assert.ok(token.token === undefined || token.token !== "");
      if (token.token === undefined) assert.equal(token.valid, false);
      else seen.add("tokens");
    }
    assert.ok(!Deno.inspect(tokens.accessToken).includes(SECRET));
    assert.ok(!JSON.stringify(tokens.refreshToken).includes(SECRET));
  }
});

Deno.test("resolveSettings() turns any bytes in config.json into settings or an error of invalid_options, and leaves them unchanged", async () => {
  await using directory = temporaryDirectory();
  const configDir = directory.path;
  const seen = { settings: 0, errors: 0 };
  await fc.assert(
    fc.asyncProperty(damaged(VALID_CONFIG, wildConfig), async (bytes) => {
      Deno.writeFileSync(`${configDir}/config.json`, bytes, { mode: 0o600 });
      const began = performance.now();
      const settings = await resolveSettings({
        given: { configDir },
        env: () => undefined,
        dotenv: () => Promise.resolve({}),
      }).catch((error) => error);
      if (settings instanceof Error) {
        checkShown(settings);
        assert.equal(settings.code, "invalid_options");
        seen.errors++;
      } else {
        for (
          const name of PROFILE_KEYS
        ) {
          assert.match(typeof settings[name], /^(string|undefined)$/);
        }
        assert.equal(settings.profile, "default");
        assert.equal(settings.storeTokens, true);
        assert.equal(settings.configDir, configDir);
        seen.settings++;
      }
      assert.ok(holds(configDir, bytes));
      assert.ok(performance.now() - began < LONGEST);
    }),
    runs(1000),
  );
  assert.ok(seen.settings > 20 && seen.errors > 20, JSON.stringify(seen));
});
