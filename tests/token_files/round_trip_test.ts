import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AccessToken,
  noTokens,
  RefreshToken,
  type Tokens,
} from "../../src/token/token.ts";
import { formatTokens, parseTokens } from "../../src/token/token_json.ts";
import { formatNamed, FORMATS } from "../../src/token_files/formats.ts";
import { parseTokenFile } from "../../src/token_files/parse_token_file.ts";
import type { TokenFileFormat } from "../../src/token_files/token_file_format.ts";
import {
  formatTokenFile,
  writeTokenFile,
} from "../../src/token_files/write_token_file.ts";
import { temporaryDirectory } from "../support.ts";

const token = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) =>
    String.fromCharCode(code)
  ),
  minLength: 1,
  maxLength: 3000,
}).filter((text) => !text.startsWith("enc:"));
const seconds = (format: TokenFileFormat) =>
  // To formats without a program a time of 1970 is an unknown one.
  fc.integer({ min: format.generic ? 40_000_000 : 0, max: 4_000_000_000 });
/** All but the one that has no times, and no access token. */
const FULL = FORMATS.filter(({ name }) => name !== "refresh-token");

/** Tokens whose refresh token has its broker's lifetime, which not every format can say. */
const tokensOf = (format: TokenFileFormat): fc.Arbitrary<Tokens> =>
  fc.record({
    refresh: token,
    access: fc.option(token, { nil: undefined }),
    login: seconds(format),
    issued: seconds(format),
    lifetime: fc.integer({ min: 0, max: 100_000 }),
  }).map(({ refresh, access, login, issued, lifetime }) => ({
    refreshToken: new RefreshToken({
      token: refresh,
      accessTime: login,
      expiresIn: format.broker === "schwab" ? 604_800 : 7_776_000,
    }),
    accessToken: new AccessToken(
      access === undefined
        ? undefined
        : { token: access, accessTime: issued, expiresIn: lifetime },
    ),
    ...(format.name !== "pytd" && { loginTime: login }),
  }));

const plain = ({ accessToken: a, refreshToken: r, loginTime }: Tokens) => ({
  a: [a.token, a.accessTime, a.expiresIn],
  r: [r.token, r.accessTime, r.expiresIn],
  loginTime,
});

/** An absent access token's lifetime is nothing; some formats have to say one. */
const withoutAbsent = (tokens: Tokens) =>
  plain(
    tokens.accessToken.token === undefined
      ? { ...tokens, accessToken: new AccessToken() }
      : tokens,
  );

for (const format of FULL) {
  const property = format.name === "schwabdev-3" ? 25 : 200;
  Deno.test(`writeTokenFile() and parseTokenFile() keep every token and time in the format ${format.name}, and a second export is the first again`, async () => {
    await using directory = temporaryDirectory();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(tokensOf(format), async (tokens) => {
        const [first, second] = [1, 2].map((time) =>
          `${directory.path}/${run}-${time}`
        ) as [string, string];
        run++;
        await writeTokenFile(first, format, tokens);
        const bytes = Deno.readFileSync(first);
        // By its content, without --format.
        const read = await parseTokenFile(bytes, { path: first });
        assert.equal(read.format.name, format.name);
        assert.deepEqual(withoutAbsent(read.tokens), withoutAbsent(tokens));
        await writeTokenFile(second, format, read.tokens);
        assert.deepEqual(Deno.readFileSync(second), bytes);
        for (const path of [first, second]) Deno.removeSync(path);
      }),
      { seed: 20261123, numRuns: property },
    );
    assert.deepEqual([...Deno.readDirSync(directory.path)], []);
  });
}

for (const format of FULL.filter(({ name }) => name !== "tdauth")) {
  Deno.test(`writeTokenFile() gives an access token without a known end ten years in the format ${format.name}, and no null`, async () => {
    await using directory = temporaryDirectory();
    const path = `${directory.path}/file`;
    await writeTokenFile(path, format, {
      refreshToken: new RefreshToken({
        token: "R",
        accessTime: 1_700_000_000,
        expiresIn: 604_800,
      }),
      accessToken: new AccessToken({
        token: "A",
        accessTime: 1_700_000_000,
        expiresIn: Infinity,
      }),
    });
    const bytes = Deno.readFileSync(path);
    assert.ok(!new TextDecoder().decode(bytes).includes("null"));
    const { tokens } = await parseTokenFile(bytes, { path });
    assert.equal(tokens.accessToken.expiresIn, 315_576_000);
    assert.equal(tokens.accessToken.accessTime, 1_700_000_000);
  });
}

for (const format of FORMATS) {
  Deno.test(`writeTokenFile() writes no date of 1970 in the format ${format.name} where there is no access token`, async () => {
    await using directory = temporaryDirectory();
    const path = `${directory.path}/file`;
    const login = 1_700_000_000;
    await writeTokenFile(path, format, {
      refreshToken: new RefreshToken({
        token: "REFRESH-TOKEN",
        accessTime: login,
        expiresIn: 604_800,
      }),
      accessToken: new AccessToken(),
      loginTime: login,
    });
    const bytes = Deno.readFileSync(path);
    const text = new TextDecoder().decode(bytes);
    assert.doesNotMatch(text, /1970-01-01|"(expires_at|access_time)": ?[01]\b/);
    const { tokens } = await parseTokenFile(bytes, { path });
    assert.equal(tokens.accessToken.valid, false);
    assert.equal(String(tokens.refreshToken), "REFRESH-TOKEN");
  });
}

Deno.test("tdauth's own file says nothing of who has logged in when it is written for another machine, nor when it is read", async () => {
  const claims = { iss: "https://id.example", sub: "user-1" };
  const tokens = { ...noTokens(), loginTime: 1_700_000_000, claims };
  const text = formatTokens({
    ...tokens,
    accessToken: new AccessToken({ token: "A", expiresIn: 600 }),
    refreshToken: new RefreshToken({ token: "R", expiresIn: 600 }),
  });
  assert.equal(parseTokens(text).claims?.sub, "user-1");
  const read = await parseTokenFile(new TextEncoder().encode(text), {});
  assert.equal(read.format.name, "tdauth");
  assert.equal(read.tokens.loginTime, 1_700_000_000);
  assert.equal(read.tokens.claims, undefined);
  const written = formatTokenFile(formatNamed("tdauth"), parseTokens(text));
  assert.match(written, /"login_time"/);
  assert.doesNotMatch(written, /user-1|identity/);
});

for (const format of FORMATS.filter(({ accessAlone }) => accessAlone)) {
  Deno.test(`writeTokenFile() keeps an access token without a refresh token in the format ${format.name}`, async () => {
    await using directory = temporaryDirectory();
    for (const expiresIn of [1800, Infinity]) {
      const path = `${directory.path}/${expiresIn}`;
      const tokens: Tokens = {
        refreshToken: new RefreshToken(),
        accessToken: new AccessToken({
          token: "ACCESS-TOKEN",
          accessTime: 1_700_000_000,
          expiresIn,
        }),
        loginTime: 1_700_000_000,
      };
      await writeTokenFile(path, format, tokens);
      const read = await parseTokenFile(Deno.readFileSync(path), { path });
      assert.equal(read.format.name, format.name);
      const { accessToken, refreshToken } = read.tokens;
      assert.equal(refreshToken.token, undefined);
      assert.deepEqual(
        [accessToken.token, accessToken.accessTime, accessToken.expiresIn],
        [
          "ACCESS-TOKEN",
          1_700_000_000,
          // pyTD knows numbers alone.
          format.name === "pytd" ? Math.min(expiresIn, 315_576_000) : expiresIn,
        ],
      );
    }
  });
}
