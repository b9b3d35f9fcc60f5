import assert from "node:assert/strict";
import {
  AccessToken,
  authorize,
  DiskCache,
  keychainKey,
  MemCache,
  noTokens,
  passphraseKey,
  rawKey,
  RefreshToken,
  SealedCache,
  type SealedCacheOptions,
  type SealKey,
  TdauthError,
  type TokenCache,
  type Tokens,
} from "../../mod.ts";
import { startSandbox } from "../../src/sandbox/mod.ts";
import { failsWith, reservePort, temporaryDirectory } from "../support.ts";
import { testTokenCache } from "./token_cache_contract.ts";
import { tokensIn } from "../tokens_in.ts";

const newKey = () =>
  btoa(
    String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))),
  );
const KEY = newKey();
const TOKENS: Tokens = {
  accessToken: new AccessToken({ token: "CANARY-access", expiresIn: 1800 }),
  refreshToken: new RefreshToken({ token: "CANARY-refresh", expiresIn: 9000 }),
  loginTime: 1_700_000_000,
  scope: "api",
  provider: "schwab",
  consumerKey: "KEY",
  refreshPending: 1_700_000_001,
};

testTokenCache("SealedCache in memory", () => {
  const inner = new MemCache();
  return Promise.resolve({
    store: new SealedCache(inner, rawKey(KEY)),
    sameStore: new SealedCache(inner, rawKey(KEY)),
    otherAccount: new SealedCache(new MemCache(), rawKey(KEY)),
    damage: async () =>
      await inner.write((await inner.read()).slice(0, -9), { kind: "login" }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}, { canFail: true });

testTokenCache("SealedCache on disk", () => {
  const directory = temporaryDirectory();
  const open = (name = "tokens") =>
    new SealedCache(new DiskCache(directory.path, name), rawKey(KEY));
  return Promise.resolve({
    store: open(),
    sameStore: open(),
    otherAccount: open("other"),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  });
});

testTokenCache("SealedCache that is strict and has a name", () => {
  const inner = new MemCache();
  const open = () =>
    new SealedCache(inner, rawKey(KEY), { strict: true, name: "user 1" });
  return Promise.resolve({
    store: open(),
    sameStore: open(),
    otherAccount: new SealedCache(new MemCache(), rawKey(KEY), {
      strict: true,
      name: "user 2",
    }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

/** A sealed file, and its cache without the seal. */
async function sealedFile(
  key: SealKey = rawKey(KEY),
  options: SealedCacheOptions = {},
) {
  const directory = temporaryDirectory();
  const disk = new DiskCache(directory.path, "tokens");
  const cache = new SealedCache(disk, key, options);
  await tokensIn(cache).save(TOKENS, "refresh");
  return {
    disk,
    cache,
    bytes: () => Deno.readFileSync(disk.path),
    names: () => [...Deno.readDirSync(directory.path)].map(({ name }) => name),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

Deno.test("SealedCache writes nothing of the tokens, their times and their scope unencrypted", async () => {
  await using file = await sealedFile();
  const text = new TextDecoder().decode(file.bytes());
  assert.doesNotMatch(text, /CANARY|1800|9000|17000|api|access|refresh/);
  const { sealed, ...rest } = JSON.parse(text);
  assert.match(sealed, /^tdauth-sealed:1:key:[\w-]{8}:[\w-]+$/);
  assert.deepEqual(rest, {
    version: 1,
    provider: "schwab",
    consumer_key: "KEY",
  });
});

Deno.test("SealedCache never writes the same text twice", async () => {
  await using file = await sealedFile();
  const first = file.bytes();
  await tokensIn(file.cache).save(TOKENS, "refresh");
  assert.notDeepEqual(file.bytes(), first);
});

Deno.test("a DiskCache without the key throws on every read, shows nothing and leaves the file unchanged", async () => {
  await using file = await sealedFile();
  const before = file.bytes();
  const isSealed = (error: unknown) =>
    error instanceof TdauthError && error.code === "cache_sealed" &&
    error.hint?.format(["tdauth"]) === "set it: tdauth configure --seal key";
  for (
    const look of [
      () => file.disk.accessToken,
      () => file.disk.refreshToken,
      () => file.disk.accessToken = new AccessToken(),
      () => file.disk.refreshToken = new RefreshToken(),
    ]
  ) {
    assert.throws(look, isSealed);
  }
  assert.ok(
    isSealed(await failsWith("cache_sealed", tokensIn(file.disk).load())),
  );
  assert.deepEqual(file.bytes(), before);
});

Deno.test("authorize() neither refreshes nor logs in over sealed tokens without their key", async () => {
  await using file = await sealedFile();
  using reserved = reservePort();
  await using sandbox = await startSandbox({
    broker: "tdameritrade",
    callbackUrl: `http://127.0.0.1:${reserved.port}`,
  });
  const before = file.bytes();
  await failsWith(
    "cache_sealed",
    authorize({
      ...sandbox.app,
      sandbox: sandbox.url,
      openUrl: sandbox.approve,
      cache: file.disk,
      log: () => {},
    }),
  );
  assert.deepEqual(sandbox.requests, []);
  assert.deepEqual(file.bytes(), before);
});

Deno.test("authorize() logs in and refreshes with a SealedCache", async () => {
  using reserved = reservePort();
  await using directory = temporaryDirectory();
  await using sandbox = await startSandbox({
    broker: "tdameritrade",
    callbackUrl: `http://127.0.0.1:${reserved.port}`,
  });
  const disk = new DiskCache(directory.path, "tokens");
  const options = {
    ...sandbox.app,
    sandbox: sandbox.url,
    openUrl: sandbox.approve,
    now: sandbox.now,
    log: () => {},
  };
  const cache = new SealedCache(disk, rawKey(KEY));
  const first = String((await authorize({ ...options, cache })).accessToken);
  sandbox.advance(1800);
  const again = new SealedCache(disk, rawKey(KEY));
  const td = await authorize({ ...options, cache: again, interactive: false });
  assert.notEqual(String(td.accessToken), first);
  assert.ok(
    !Deno.readTextFileSync(disk.path).includes(String(td.accessToken)),
  );
});

Deno.test("authorize() refreshes nothing that a SealedCache could not seal", async () => {
  using reserved = reservePort();
  await using sandbox = await startSandbox({
    broker: "tdameritrade",
    callbackUrl: `http://127.0.0.1:${reserved.port}`,
  });
  const inner = new MemCache();
  const options = {
    ...sandbox.app,
    sandbox: sandbox.url,
    openUrl: sandbox.approve,
    now: sandbox.now,
    log: () => {},
  };
  await authorize({ ...options, cache: inner });
  sandbox.advance(1800);
  const asked = sandbox.requests.length;
  const cache = new SealedCache(inner, {
    from: "keychain",
    make: () =>
      Promise.reject(new TdauthError("cache_sealed", "Cannot: it is locked")),
    find: () => assert.fail("nothing is sealed"),
  });
  await failsWith(
    "cache_sealed",
    authorize({ ...options, cache, interactive: false }),
  );
  assert.equal(sandbox.requests.length, asked);
});

Deno.test("SealedCache accepts no other key, and overwrites nothing that another key sealed", async () => {
  await using file = await sealedFile();
  const before = file.bytes();
  for (
    const key of [
      rawKey(newKey()),
      passphraseKey(() => Promise.resolve("guess")),
    ]
  ) {
    const other = new SealedCache(file.disk, key);
    await failsWith("cache_sealed", tokensIn(other).load());
    await failsWith("cache_sealed", tokensIn(other).save(TOKENS, "refresh"));
  }
  assert.deepEqual(file.bytes(), before);
});

/** A passphrase whose keys are quickly made, and each once. */
function cheapPassphrase(): SealKey {
  const slow = passphraseKey(() => Promise.resolve("five words or more"));
  const made = new Map<string, ReturnType<SealKey["find"]>>();
  const find = (parameters: string) => {
    const key = made.get(parameters) ?? slow.find(parameters);
    made.set(parameters, key);
    return key;
  };
  const parameters = "10.8.1.AAAAAAAAAAAAAAAAAAAAAA";
  return {
    from: "passphrase",
    make: async () => ({ key: await find(parameters), parameters }),
    find,
  };
}

/** A keychain's, which gives its key whatever it is asked for. */
function generousKeychain(): SealKey {
  let kept = "";
  return keychainKey({
    keychain: {
      keep: (secret) => Promise.resolve((kept = secret, "0123456789abcdef")),
      find: () => Promise.resolve(kept),
      forget: () => Promise.resolve(),
    },
  });
}

for (
  const [kind, make] of [
    ["a key", () => rawKey(KEY)],
    ["a passphrase", cheapPassphrase],
    ["a keychain", generousKeychain],
  ] as const
) {
  Deno.test(`SealedCache finds every changed bit of a file that is sealed with ${kind}, and leaves the file unchanged`, async () => {
    await using file = await sealedFile(make(), { name: "user 1" });
    const whole = file.bytes();
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const changed = whole.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      Deno.writeFileSync(file.disk.path, changed);
      // White space is not the tokens'; what comes of it must be the tokens, whole.
      const result = await tokensIn(file.cache).load().then(
        (tokens) => String(tokens.refreshToken),
        (error) => error.code,
      );
      const harmless = /^\s$/.test(String.fromCharCode(whole[bit >> 3] ?? 0)) &&
        /^\s$/.test(String.fromCharCode(changed[bit >> 3] ?? 0));
      assert.ok(
        result === "cache_sealed" || (harmless && result === "CANARY-refresh"),
        `bit ${bit}: ${result}`,
      );
      assert.deepEqual(Deno.readFileSync(file.disk.path), changed);
    }
    assert.deepEqual(
      file.names().filter((name) => name.includes("corrupt")),
      [],
    );
  });
}

for (
  const parameters of ["17.0.1.", "17.8.0.", "00.8.1.", "17.9.1.", "19.8.1."]
) {
  Deno.test(`passphraseKey() derives no key with the cost ${parameters}`, async () => {
    const key = passphraseKey(() => Promise.resolve("five words or more"));
    await failsWith(
      "cache_sealed",
      key.find(`${parameters}AAAAAAAAAAAAAAAAAAAAAA`),
    );
  });
}

Deno.test("SealedCache opens only what has its name, so that two users' tokens cannot be swapped", async () => {
  const stores = [new MemCache(), new MemCache()] as const;
  const open = (user: 0 | 1, name = `user ${user}`) =>
    new SealedCache(stores[user], rawKey(KEY), { name });
  await tokensIn(open(0)).save(TOKENS, "refresh");
  await stores[1].write(await stores[0].read());
  await failsWith("cache_sealed", tokensIn(open(1)).load());
  await failsWith("cache_sealed", tokensIn(open(1)).save(TOKENS, "refresh"));
  assert.equal(
    String((await tokensIn(open(1, "user 0")).load()).accessToken),
    "CANARY-access",
  );
});

Deno.test("SealedCache that is strict rejects unencrypted tokens, and leaves them unchanged", async () => {
  const inner = new MemCache();
  const cache = new SealedCache(inner, rawKey(KEY), { strict: true });
  for (
    const forged of [
      { ...noTokens(), accessToken: TOKENS.accessToken },
      { ...noTokens(), refreshToken: TOKENS.refreshToken },
    ]
  ) {
    await tokensIn(inner).save(forged, "refresh");
    await failsWith("cache_sealed", tokensIn(cache).load());
    await failsWith("cache_sealed", tokensIn(cache).save(TOKENS, "refresh"));
    await failsWith(
      "cache_sealed",
      cache.exclusive("login", () => assert.fail("it has begun")),
    );
    assert.deepEqual(await tokensIn(inner).load(), forged);
  }
  await cache.clear();
  await tokensIn(cache).save(TOKENS, "refresh");
  assert.equal(
    String((await tokensIn(cache).load()).accessToken),
    "CANARY-access",
  );
});

Deno.test("rawKey() of several opens what any of them sealed, and reseals it with the first one at the next write", async () => {
  const [older, newer] = [newKey(), newKey()];
  const inner = new MemCache();
  const open = (...keys: string[]) =>
    new SealedCache(inner, rawKey(keys.join(", ")));
  const opens = async (...keys: string[]) => {
    const tokens = await tokensIn(open(...keys)).load();
    assert.equal(String(tokens.refreshToken), "CANARY-refresh");
  };
  await tokensIn(open(older)).save(TOKENS, "refresh");
  await opens(older, newer);
  await failsWith("cache_sealed", tokensIn(open(newer)).load());
  const rotating = open(newer, older);
  const tokens = await tokensIn(rotating).load();
  await opens(older); // reading changes nothing
  await tokensIn(rotating).save(tokens, "refresh");
  await opens(newer);
  await opens(older, newer);
  await failsWith("cache_sealed", tokensIn(open(older)).load());
  await tokensIn(rotating).save(tokens, "refresh");
  await opens(newer);
});

Deno.test("SealedCache reads tokens that are not sealed yet, and seals them when it writes", async () => {
  const inner = new MemCache();
  await tokensIn(inner).save(TOKENS, "refresh");
  const cache = new SealedCache(inner, rawKey(KEY));
  const tokens = await tokensIn(cache).load();
  assert.equal(tokens.refreshToken.token, "CANARY-refresh");
  await tokensIn(cache).save(tokens, "refresh");
  assert.throws(() => inner.refreshToken, { code: "cache_sealed" });
});

Deno.test("SealedCache passes new tokens to a store that is briefly unreadable", async () => {
  const inner = new MemCache();
  let away = false;
  const cache = new SealedCache({
    read: () => away ? Promise.reject(new Error("away")) : inner.read(),
    write: (text) => inner.write(text),
    clear: () => inner.clear(),
    exclusive: (work, run) => inner.exclusive(work, run),
  }, rawKey(KEY));
  away = true;
  await assert.rejects(tokensIn(cache).save(TOKENS, "refresh"), /away/); // what it holds may be another's
  away = false;
  await tokensIn(cache).save(noTokens(), "refresh");
  away = true;
  await tokensIn(cache).save(TOKENS, "refresh");
  away = false;
  assert.equal(
    String((await tokensIn(cache).load()).accessToken),
    "CANARY-access",
  );
});

Deno.test("SealedCache deletes tokens without the key", async () => {
  await using file = await sealedFile();
  const keyless: TokenCache = new SealedCache(file.disk, {
    from: "keychain",
    make: () => Promise.reject(new Error("asked")),
    find: () => Promise.reject(new Error("asked")),
  });
  await keyless.clear();
  assert.deepEqual(
    (await tokensIn(keyless).load()).refreshToken.token,
    noTokens().refreshToken.token,
  );
});

Deno.test("passphraseKey() opens what it sealed, once the passphrase is right, however it is composed", async () => {
  const inner = new MemCache();
  const asked: string[] = [];
  const key = (text: string) =>
    passphraseKey(() => {
      asked.push(text);
      return Promise.resolve(text);
    });
  const cache = new SealedCache(inner, key("grüne Wiese"));
  await tokensIn(cache).save(TOKENS, "refresh");
  await tokensIn(cache).save(TOKENS, "refresh");
  assert.equal(asked.length, 1);
  const decomposed = new SealedCache(inner, key("gru\u0308ne Wiese"));
  assert.equal(
    String((await tokensIn(decomposed).load()).accessToken),
    "CANARY-access",
  );
  await failsWith(
    "cache_sealed",
    tokensIn(new SealedCache(inner, key("gelbe Wiese"))).load(),
  );
});

Deno.test("passphraseKey() asks again at the next load after a wrong passphrase, and after a failed prompt", async () => {
  const inner = new MemCache();
  const right = cheapPassphrase();
  await tokensIn(new SealedCache(inner, right)).save(TOKENS, "refresh");
  const answers = [
    () => Promise.resolve("a typo of it"),
    () => Promise.reject(new Error("no user is there")),
    () => Promise.resolve("five words or more"),
  ];
  const cache = new SealedCache(
    inner,
    passphraseKey(() => (answers.shift() ?? assert.fail)()),
  );
  await failsWith("cache_sealed", tokensIn(cache).load());
  await assert.rejects(tokensIn(cache).load(), /no user is there/);
  for (let loads = 0; loads < 2; loads++) {
    assert.equal(
      String((await tokensIn(cache).load()).accessToken),
      "CANARY-access",
    );
  }
  assert.deepEqual(answers, []);
});

Deno.test("passphraseKey() asks once for many loads that begin together, and once more for all when it was wrong", async () => {
  const inner = new MemCache();
  await tokensIn(new SealedCache(inner, cheapPassphrase())).save(
    TOKENS,
    "refresh",
  );
  let asked = 0;
  const cache = new SealedCache(
    inner,
    passphraseKey(
      () => Promise.resolve(++asked === 1 ? "a typo" : "five words or more"),
      () => true,
    ),
  );
  const loads = Array.from({ length: 8 }, () => tokensIn(cache).load());
  for (const { accessToken } of await Promise.all(loads)) {
    assert.equal(String(accessToken), "CANARY-access");
  }
  assert.equal(asked, 2);
});

Deno.test("passphraseKey() rejects a cost that would exhaust the memory", async () => {
  await failsWith(
    "cache_sealed",
    passphraseKey(() => Promise.resolve("x")).find(
      "25.8.1.AAAAAAAAAAAAAAAAAAAAAA",
    ),
  );
});

for (
  const text of [
    "",
    " , ",
    "short",
    "!".repeat(44),
    btoa("x".repeat(31)),
    `${btoa("x".repeat(32))},short`,
  ]
) {
  Deno.test(`rawKey() rejects ${JSON.stringify(text)} without showing it`, () => {
    assert.throws(() => rawKey(text), (error: Error) => {
      assert.equal((error as { code?: string }).code, "invalid_options");
      return text.trim() === "" || !error.message.includes(text);
    });
  });
}
