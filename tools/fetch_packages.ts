// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Downloads every package of the program, the tests, the tools and the
 * benchmarks, as in the two lock files: `deno run -A tools/fetch_packages.ts`. It
 * skips cached ones.
 */
import { fileURLToPath } from "node:url";
import { denoProcess } from "./deno.ts";

/** What could not be downloaded, and why, in one line. */
export class CannotFetch extends Error {}

/**
 * Downloads missing packages, so that no child process has to.
 *
 * @throws {CannotFetch} When a package is neither cached nor available.
 */
export async function fetchPackages(): Promise<void> {
  const lacking = await Promise.all(
    ["deno.json", "tests/deno.json"].map(async (config) => ({
      config,
      why: await install(config, "--cached-only"),
    })),
  );
  for (const { config } of lacking.filter(({ why }) => why !== undefined)) {
    console.error(`Fetching the packages of ${config}`);
    const why = await install(config);
    if (why !== undefined) {
      throw new CannotFetch(`Cannot fetch the packages of ${config}: ${why}`);
    }
  }
  await fetchBundler();
}

function install(
  config: string,
  ...flags: string[]
): Promise<string | undefined> {
  const path = fileURLToPath(new URL(`../${config}`, import.meta.url));
  return failure("install", "--quiet", "--frozen", ...flags, "--config", path);
}

/** Downloads what `deno bundle` needs, which is in no lock file: it downloads that on first use. */
async function fetchBundler(): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix: "tdauth_bundler_" });
  try {
    Deno.writeTextFileSync(`${directory}/empty.ts`, "");
    const why = await failure(
      "bundle",
      "--quiet",
      "--no-config",
      `--outdir=${directory}/out`,
      `${directory}/empty.ts`,
    );
    if (why !== undefined) {
      throw new CannotFetch(`Cannot fetch what "deno bundle" needs: ${why}`);
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Exits with a hint when {@linkcode fetchPackages} fails. */
export async function fetchPackagesOrExit(): Promise<void> {
  try {
    await fetchPackages();
  } catch (error) {
    if (!(error instanceof CannotFetch)) throw error;
    console.error(`${error.message}\nhint: ${HINT}`);
    Deno.exit(1);
  }
}

const HINT =
  "the npm registry must be within reach once. Behind a proxy set HTTPS_PROXY; " +
  "where https is inspected set DENO_TLS_CA_STORE=system, or SSL_CERT_FILE to the CA's file; " +
  "for another registry set NPM_CONFIG_REGISTRY";

/** Runs Deno; returns why it failed. */
async function failure(
  ...command: [string, ...string[]]
): Promise<string | undefined> {
  const { success, stderr } = await denoProcess(command, {
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).output();
  return success ? undefined : reasonOf(new TextDecoder().decode(stderr));
}

/** The failure and its first cause, out of what Deno prints. */
function reasonOf(stderr: string): string {
  const [, what = stderr.trim()] = /^error: (.*)$/m.exec(stderr) ?? [];
  const [, why] = /^Caused by:\n\s+(?:0: )?(.*)$/m.exec(stderr) ?? [];
  return [what, why].filter((part) => part !== undefined).join(": ");
}

if (import.meta.main) await fetchPackagesOrExit();
