// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * The gate: `deno task ok` runs every check of `tools/gate/checks.ts` and reports
 * all that fail; `deno task ok NAME…` runs some. It downloads missing packages
 * first.
 */
import { fetchPackagesOrExit } from "./fetch_packages.ts";
import { CHECKS } from "./gate/checks.ts";
import { runChecks } from "./gate/run_checks.ts";

const unknown = Deno.args.filter((arg) =>
  !CHECKS.some(({ name }) => name === arg)
);
if (unknown.length > 0) {
  console.error(
    `There is no check ${unknown.join(", ")}; the checks are ${
      CHECKS.map(({ name }) => name).join(", ")
    }`,
  );
  Deno.exit(2);
}
await fetchPackagesOrExit();
const outcomes = await runChecks(
  CHECKS.filter(({ name }) =>
    Deno.args.length === 0 || Deno.args.includes(name)
  ),
  Math.max(2, navigator.hardwareConcurrency),
  ({ check, passed, output, seconds }) => {
    const result = passed ? "ok    " : "FAILED";
    console.log(`${result} ${check.name} (${seconds.toFixed(1)} s)`);
    if (!passed) console.log(`\n${output}\n`);
  },
);
const failed = outcomes.filter(({ passed }) => !passed);
if (failed.length > 0) {
  console.error(`\n${failed.length} of ${outcomes.length} checks failed:`);
  for (const { check } of failed) {
    console.error(`  ${check.name}: ${check.command}`);
  }
  Deno.exit(1);
}
console.log(`\nall ${outcomes.length} checks passed`);
