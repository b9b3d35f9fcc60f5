/** Both registries with this project's package, and a user whose caches are empty. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Result, Running } from "../cli/process.ts";
import { temporaryDirectory } from "../support.ts";
import { DENO, deno, denoProcess } from "../../tools/deno.ts";
import { type Published, startJsrServer } from "./jsr_server.ts";
import { startNpmServer } from "./npm_server.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Registries on loopback. */
export interface Registries extends AsyncDisposable {
  readonly published: Published;
  /** The package as an import names it, with its version: `jsr:@scope/name@1.2.3`. */
  readonly specifier: string;
  /** The package's command as a user runs it, who may download. */
  readonly tdauth: readonly [string, ...string[]];
  /** The same by what is cached alone. */
  readonly cachedTdauth: readonly [string, ...string[]];
  /** What `deno publish` wrote, its warnings among it. */
  readonly said: string;
  /** What was downloaded, in order. */
  requests(): readonly string[];
  /** Ends both, so that a user has no network. */
  stop(): Promise<void>;
  /** A user with an empty cache. */
  user(): User;
}

/** Somebody who has Deno, and nothing cached. */
export interface User extends AsyncDisposable {
  readonly home: string;
  /** Variables by which Deno finds the user's cache and the registries, and nothing else. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs Deno, which may download from the registries alone. */
  deno(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<Result>;
  /** Runs another program. */
  run(
    program: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<Result>;
}

/** Starts the registries and publishes the package as it is in this tree. */
export async function publishPackage(): Promise<Registries> {
  const jsr = startJsrServer();
  const npm = startNpmServer();
  const stop = async () => {
    await jsr[Symbol.asyncDispose]();
    await npm[Symbol.asyncDispose]();
  };
  const { success, stderr } = await denoProcess([
    "publish",
    "--token=unused",
    "--allow-dirty", // the gate checks the types
    "--no-check",
    "--no-provenance",
  ], { cwd: ROOT, env: { JSR_URL: jsr.url, NO_COLOR: "1" } }).output();
  const said = new TextDecoder().decode(stderr);
  const { published } = jsr;
  if (!success || published === undefined) {
    await stop();
    throw new Error(`cannot publish to the test's registry: ${said}`);
  }
  const specifier = `jsr:${published.name}@${published.version}`;
  const command = ["-A", "--quiet", `${specifier}/cli`];
  return {
    published,
    specifier,
    tdauth: [DENO, "run", ...command],
    cachedTdauth: deno("run", ...command),
    said,
    requests: () => [...jsr.requests, ...npm.requests],
    stop,
    user: () => newUser({ JSR_URL: jsr.url, NPM_CONFIG_REGISTRY: npm.url }),
    [Symbol.asyncDispose]: stop,
  };
}

function newUser(registries: Readonly<Record<string, string>>): User {
  const directory = temporaryDirectory();
  const home = `${directory.path}/home`;
  Deno.mkdirSync(home);
  const env = {
    ...registries,
    DENO_DIR: `${directory.path}/deno`,
    DENO_NO_PROMPT: "1",
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
  const user: User = {
    home,
    env,
    deno: (args, more) => user.run(DENO, args, more),
    async run(program, args, more = {}) {
      const running = new Running(program, {
        args,
        cwd: home,
        env: {
          PATH: Deno.env.get("PATH") ?? "",
          HOME: home,
          TD_CONFIG_DIR: `${home}/config`,
          ...env,
          ...more,
        },
      });
      await running.closeInput();
      return await running.result;
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
  return user;
}

/** Fails when Deno did not do what it was asked. */
export function assertDone(result: Result): void {
  assert.equal(result.code, 0, result.stdout + result.stderr);
}
