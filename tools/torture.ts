// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Kills processes (`kill -9`) at random moments while they write and refresh
 * tokens, and checks after each whether anything was lost. Exits with 1 if so.
 *
 * `deno task torture [TRIES]`, 300 of each by default.
 */
import { fetchPackagesOrExit } from "./fetch_packages.ts";
import { type Count, troublesOf } from "./torture_tries.ts";
import { tortureRefreshes, tortureWrites } from "./torture_tries.ts";

const tries = Number(Deno.args[0] ?? "300");
if (!Number.isInteger(tries) || tries < 1) {
  console.error("usage: deno task torture [TRIES]");
  Deno.exit(2);
}
await fetchPackagesOrExit();
const start = performance.now();
console.log(
  "| killed in the middle of | tries | hit the middle | losses | lost answers, told | broker rotates and kills as said | stale files | stuck locks | not 0600 | slowest lock, ms |\n|---|---|---|---|---|---|---|---|---|---|",
);
let bad = 0;
for (
  const torture of [
    () => tortureWrites(tries),
    () => tortureRefreshes(tries, "none"),
    () => tortureRefreshes(tries, "rotate"),
    () => tortureRefreshes(tries, "kill"),
  ]
) {
  const count = await torture();
  console.log(row(count));
  for (const trouble of count.troubles) console.error(`  ${trouble}`);
  bad += troublesOf(count);
  // A few may all miss it; many that do prove nothing.
  if (count.middle === 0 && tries >= 100) {
    console.error("  no kill hit the middle");
    bad++;
  }
}
console.log(
  `\nDeno ${Deno.version.deno}, ${
    ((performance.now() - start) / 1000).toFixed(0)
  } s`,
);
Deno.exit(bad > 0 ? 1 : 0);

function row(count: Count): string {
  return `| ${
    [
      count.name,
      count.tries,
      count.middle,
      count.losses,
      count.lostAnswers,
      count.proven,
      count.stale,
      count.stuck,
      count.open,
      count.slowestLock.toFixed(1),
    ].join(" | ")
  } |`;
}
