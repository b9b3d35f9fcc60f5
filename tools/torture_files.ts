/** Reads files and metadata that are damaged or made up, with other ones in each run. */
import { fileURLToPath } from "node:url";
import { denoProcess } from "./deno.ts";

/** The fuzz tests of what tdauth reads: `.env`, `config.json`, `certificate.json`, `trust.json`, metadata, and token files of every format. */
export const FILE_TESTS: readonly string[] = [
  "settings_fuzz_test.ts",
  "files_fuzz_test.ts",
  "metadata_fuzz_test.ts",
  "token_files_fuzz_test.ts",
];

/**
 * Runs these tests with many cases each; what they print comes through.
 *
 * @param cases How many cases each test has at least.
 * @param seed Which cases: the same number draws the same ones.
 * @returns Whether all passed.
 */
export async function tortureFiles(
  cases: number,
  seed: number,
): Promise<boolean> {
  const root = fileURLToPath(new URL("../", import.meta.url));
  const { success } = await denoProcess([
    "test",
    "-A",
    "--no-check",
    "--config",
    "tests/deno.json",
    ...FILE_TESTS.map((name) => `tests/fuzz/${name}`),
  ], {
    cwd: root,
    env: { TDAUTH_FUZZ_LEAST: `${cases}`, TDAUTH_FUZZ_SEED: `${seed}` },
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  return success;
}
