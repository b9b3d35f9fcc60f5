/** Other programs' files that somebody or something has damaged: tokens or an error, at once, and nothing of them is told. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { TdauthError } from "../../src/base/errors.ts";
import { FORMATS } from "../../src/token_files/formats.ts";
import { parseTokenFile } from "../../src/token_files/parse_token_file.ts";
import { writeTokenFile } from "../../src/token_files/write_token_file.ts";
import { temporaryDirectory } from "../support.ts";
import { ACCESS, bytesOf, REFRESH, samples } from "../token_files/samples.ts";
import { shapes } from "../token_files/shapes.ts";
import { damages, runs } from "./fuzz.ts";

/** A read that takes longer than this, in milliseconds, hangs. */
const LONGEST = 60_000;
const LOGIN = 1_800_000_000;
const SAMPLES = Object.values(samples(LOGIN, LOGIN)).map(({ file }) => file);
const SHAPES = Object.values(shapes(LOGIN)).map(({ text }) =>
  new TextEncoder().encode(text)
);
/** The same in the answers of secrets managers, and a form. */
const WRAPPED = [
  ...Object.values(shapes(LOGIN)).flatMap(({ text }) => [
    JSON.stringify({ Name: "x", SecretString: text }),
    JSON.stringify({ attributes: {}, value: text }),
  ]),
  ...SAMPLES.map((file) => JSON.stringify({ data: { data: file } })),
  `access_token=${ACCESS}&refresh_token=${REFRESH}&expires_in=1800`,
].map((text) => new TextEncoder().encode(text));
/** The same as Windows PowerShell 5 writes it. */
const WIDE = SHAPES.map((bytes) =>
  new Uint8Array(Uint16Array.from([0xfeff, ...bytes]).buffer)
);
const TOKENS = (await parseTokenFile(bytesOf(SAMPLES[0]))).tokens;

const anything = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1e300, 1.5, "", REFRESH, [], {}),
  fc.double(),
  fc.string({ unit: "binary" }),
  fc.jsonValue(),
);

/** The paths of a file's fields. */
function paths(value: unknown, path: string[] = []): string[][] {
  return typeof value !== "object" || value === null
    ? []
    : Object.entries(value)
      .flatMap((
        [key, inner],
      ) => [[...path, key], ...paths(inner, [...path, key])]);
}

/** A file with one of its fields changed or gone. */
function changed(
  file: unknown,
  [key = "", ...rest]: string[],
  value: unknown,
): unknown {
  const copy = { ...file as Record<string, unknown> };
  if (rest.length > 0) copy[key] = changed(copy[key], rest, value);
  else if (value === undefined) delete copy[key];
  else copy[key] = value;
  return copy;
}

const wild = fc.constantFrom(...SAMPLES).chain((file) =>
  fc.array(
    fc.tuple(
      fc.constantFrom(...paths(file)),
      fc.option(anything, { nil: undefined }),
    ),
    { minLength: 1, maxLength: 3 },
  ).map((changes) =>
    bytesOf(
      changes.reduce<unknown>(
        (made, [path, value]) => changed(made, path, value),
        file,
      ),
    )
  )
);

async function check(bytes: Uint8Array, path?: string): Promise<boolean> {
  const began = performance.now();
  const formats = [undefined, ...FORMATS.map((format) => [format])];
  let read = false;
  for (const allowed of formats) {
    try {
      const { tokens, format } = await parseTokenFile(bytes, {
        ...(path !== undefined && { path }),
        ...(allowed && { formats: allowed }),
      });
      read = true;
      const found = [tokens.refreshToken, tokens.accessToken]
        .filter(({ token }) => token !== undefined);
      assert.ok(found.length > 0);
      for (const one of found) assert.match(String(one), /^[\x21-\x7e]+$/);
      if (tokens.refreshToken.token === undefined) {
        assert.ok(format.accessAlone, format.name);
      }
      for (const one of [tokens.accessToken, tokens.refreshToken]) {
        assert.ok(Number.isSafeInteger(one.accessTime) && one.accessTime >= 0);
        assert.ok(one.expiresIn >= 0 && !Number.isNaN(one.expiry));
      }
      const { loginTime = 0 } = tokens;
      assert.ok(Number.isFinite(new Date(loginTime * 1000).getTime()));
    } catch (error) {
      if (!(error instanceof TdauthError)) throw error;
      assert.equal(error.code, "token_file_failed");
      const shown = `${error.message}${error.hint}${error.stack}${
        Deno.inspect(error, { depth: 100, showHidden: true })
      }`;
      assert.ok(!shown.includes(REFRESH) && !shown.includes(ACCESS), shown);
    }
  }
  assert.ok(performance.now() - began < LONGEST);
  return read;
}

Deno.test("parseTokenFile() turns any JSON and any bytes into tokens or an error, in every format", async () => {
  let read = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        { weight: 3, arbitrary: wild },
        {
          weight: 3,
          arbitrary: fc.constantFrom(...SAMPLES).chain((file) =>
            fc.oneof(...damages(bytesOf(file)))
          ),
        },
        {
          weight: 3,
          arbitrary: fc.constantFrom(...SHAPES, ...WIDE, ...WRAPPED).chain((
            bytes,
          ) => fc.oneof(...damages(bytes))),
        },
        fc.tuple(
          fc.constantFrom(
            ...["refresh_token", "access_token", "expires_at", "expires_in"],
            ...["refresh_token_expires_at", "login_time", "token_type"],
          ).map((name) => name),
          anything,
        ).map(([name, value]) =>
          bytesOf({
            refresh_token: REFRESH,
            access_token: ACCESS,
            [name]: value,
          })
        ),
        fc.constantFrom('"', "'", "`", "\\", "=", "#")
          .map((one) =>
            new TextEncoder().encode(
              `REFRESH_TOKEN=${`"${one}\n`.repeat(50_000)}`,
            )
          ),
        fc.jsonValue().map(bytesOf),
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(
          "[".repeat(200_000),
          `{"token":`.repeat(20_000),
          `{"data":`.repeat(2000) + "1" + "}".repeat(2000),
          Array.from({ length: 12 }).reduce<string>(
            (inner) => JSON.stringify({ SecretString: inner }),
            `REFRESH_TOKEN=${REFRESH}`,
          ),
          `a=${"&".repeat(200_000)}`,
          `${"a=b&".repeat(50_000)}access_token=${ACCESS}`,
          "\uFEFF{}",
          `{"__proto__":{"token":{}}}`,
          `REFRESH_TOKEN=x${" ".repeat(200_000)}y`,
        )
          .map((text) => new TextEncoder().encode(text)),
      ),
      async (bytes) => {
        if (await check(bytes)) read++;
      },
    ),
    runs(2000),
  );
  assert.ok(read > 100, `${read} read`);
});

Deno.test("parseTokenFile() turns any damaged database into tokens or an error, and leaves it unchanged", async () => {
  await using directory = temporaryDirectory();
  const path = `${directory.path}/tokens.db`;
  const [database] = FORMATS.filter(({ name }) => name === "schwabdev-3");
  assert.ok(database);
  await writeTokenFile(path, database, TOKENS);
  const valid = Deno.readFileSync(path);
  let read = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(...damages(valid)), async (bytes) => {
      Deno.writeFileSync(path, bytes);
      if (await check(bytes, path)) read++;
      assert.deepEqual(Deno.readFileSync(path), bytes);
      assert.deepEqual(
        [...Deno.readDirSync(directory.path)].map(({ name }) => name),
        ["tokens.db"],
      );
    }),
    runs(300),
  );
  assert.ok(read > 10, `${read} read`);
});
