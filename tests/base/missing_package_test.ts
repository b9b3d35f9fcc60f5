/** What a user sees who has Deno, and no package in its cache. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { packagesCheck } from "../../src/cli/doctor/packages.ts";
import { missingPackage } from "../../src/base/missing_package.ts";
import { denoProcess } from "../../tools/deno.ts";
import { startMachine } from "../cli/machine.ts";
import { temporaryDirectory } from "../support.ts";

/** As Deno 2.9.6 says them. */
const SAYINGS: readonly (readonly [string, string, RegExp])[] = [
  [
    "Failed caching npm package 'oauth4webapi@3.8.8'\n    0: error sending request for url (https://npm.example/oauth4webapi-3.8.8.tgz): client error (Connect): tcp connect error: Connection refused (os error 111)\n    1: client error (Connect)\n    2: tcp connect error",
    "oauth4webapi@3.8.8",
    /: error sending request for url \(https:\/\/npm\.example\/oauth4webapi-3\.8\.8\.tgz\): tcp connect error: Connection refused$/,
  ],
  [
    'Failed loading https://npm.example/@peculiar%2fx509 for package "@peculiar/x509"\n    0: error sending request for url (https://npm.example/@peculiar%2fx509): client error (Connect): invalid peer certificate: UnknownIssuer',
    "@peculiar/x509",
    /: invalid peer certificate: UnknownIssuer$/,
  ],
  [
    "Failed caching npm package '@redis/client@6.3.1'\n    0: npm package not found in cache: \"@redis/client\", --cached-only is specified.",
    "@redis/client@6.3.1",
    /: it is not cached, and --cached-only forbids the download$/,
  ],
  [
    "Import 'https://jsr.example/src/cli/program.ts' failed.\n    0: error sending request for url (https://jsr.example/src/cli/program.ts): client error (Connect): dns error: no such host",
    "https://jsr.example/src/cli/program.ts",
    /: dns error: no such host$/,
  ],
  [
    'Specifier not found in cache: "https://jsr.example/src/cli/program.ts", --cached-only is specified.',
    "https://jsr.example/src/cli/program.ts",
    /--cached-only forbids the download$/,
  ],
];

Deno.test("missingPackage() says in one line what could not be downloaded, and why", () => {
  for (const [said, what, why] of SAYINGS) {
    const { message } = missingPackage(new TypeError(said)) ??
      assert.fail(said);
    assert.ok(message.startsWith(`Cannot download ${what}: `), message);
    assert.match(message, why);
    assert.doesNotMatch(message, /\n|os error|client error/);
  }
});

Deno.test("missingPackage() says what deno compile left out, and how to include it", () => {
  const url = "https://jsr.example/src/cli/main.ts";
  const { message, hint } =
    missingPackage(new TypeError(`Module not found: ${url}`)) ??
      assert.fail("unknown");
  assert.equal(
    message,
    `Cannot load ${url}: "deno compile" did not include it`,
  );
  assert.match(hint, new RegExp(`^compile again with --include=${url}, or `));
});

Deno.test("missingPackage() knows nothing of any other error", () => {
  for (
    const error of [
      new Error("Failed caching npm package 'x@1'"),
      new TypeError("x is not a function"),
      new TypeError("Import 'file:///a.ts' failed."),
      new TypeError("error sending request for url (https://broker.example/)"),
      undefined,
    ]
  ) assert.equal(missingPackage(error), undefined);
});

Deno.test("tdauth says what it cannot download, exits with 5 and leaves the tokens unchanged, when a job has an empty cache", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  machine.age("access_token", 1801); // only the full program can refresh it
  const before = Deno.readTextFileSync(machine.tokenPath);
  const asked = machine.sandbox.requests.length;
  const env = { ...machine.appEnv, DENO_DIR: `${machine.home}/empty` };
  const status = await machine.run(["status", "--json"], { env });
  assert.equal(status.code, 0, "it needs no package");
  for (const command of ["token", "header", "login"]) {
    const { code, stdout, stderr } = await machine.run([command], { env });
    assert.equal(code, 5, stderr);
    assert.equal(stdout, "");
    assert.match(
      stderr,
      /^tdauth: cannot download \S+@[\d.]+: .*\nhint: run it once .*\n$/,
    );
  }
  assert.equal(Deno.readTextFileSync(machine.tokenPath), before);
  assert.equal(machine.sandbox.requests.length, asked);
});

Deno.test("callbackCertificate() says which package it cannot download, and what to use instead", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const module = import.meta.resolve("../../src/certificate/certificate.ts");
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  Deno.writeTextFileSync(
    `${path}/main.ts`,
    `import { callbackCertificate } from "${module}";
const error = await callbackCertificate(Deno.args[0]).catch((error) => error);
console.log(JSON.stringify([error.code, error.message, String(error.hint)]));`,
  );
  const { success, stdout, stderr } = await denoProcess(
    ["run", "-A", "-q", `--config=${config}`, `${path}/main.ts`, path],
    { env: { DENO_DIR: `${path}/empty` } },
  ).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const [code, message, hint] = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(code, "certificate_failed");
  assert.match(
    message,
    /^Cannot generate a certificate for the callback server: cannot download \S+: it is not cached/,
  );
  assert.match(hint, /network.* own certificate and key$/);
});

Deno.test("packagesCheck() finds what a login or a refresh could not load, and says nothing otherwise", async () => {
  await using directory = temporaryDirectory();
  const settings = {
    configDir: directory.path,
    profile: "default",
    callbackUrl: "https://127.0.0.1:8182",
  };
  const missing = (said: string) => () => Promise.reject(new TypeError(said));
  const [protocol, certificates] = SAYINGS.map(([said]) => missing(said));
  const there = () => Promise.resolve();
  const checks = async (...given: Parameters<typeof packagesCheck>) =>
    (await packagesCheck(...given)).map(({ check, state, what }) =>
      `${state} ${check} ${what.split(":")[0]}`
    );
  assert.deepEqual(await checks({ settings } as never), []);
  assert.deepEqual(
    await checks({ settings } as never, protocol, certificates),
    [
      "failed packages cannot download oauth4webapi@3.8.8",
      "failed packages cannot download @peculiar/x509",
    ],
  );
  const http = { ...settings, callbackUrl: "http://127.0.0.1:8182" };
  for (const patient of [{ settings: http }, { settings: undefined }]) {
    assert.deepEqual(
      await checks(patient as never, there, certificates),
      [],
    );
  }
});
