// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Kills processes (`kill -9`) at random moments while they write and refresh
 * tokens, and checks after each whether anything was lost; then reads files and
 * metadata that are damaged or made up. Exits with 1 if anything was lost, or was
 * neither read nor refused.
 *
 * Some processes have another beside them that takes the locks, or fills a disk of
 * a megabyte (where `unshare` can mount one), in turns; some have sealed tokens.
 *
 * `deno task torture [TRIES [CASES]]`: 300 kills and 10,000 files of each kind by default.
 */
import { fetchPackagesOrExit } from "./fetch_packages.ts";
import { DISK, onSmallDisk } from "./torture_disk.ts";
import type { Place } from "./torture_trouble.ts";
import { type Count, troublesOf } from "./torture_tries.ts";
import { tortureKeeper } from "./torture_keeper.ts";
import { tortureFiles } from "./torture_files.ts";
import { tortureRefreshes, tortureWrites } from "./torture_tries.ts";

const tries = Number(Deno.args[0] ?? "300");
const cases = Number(Deno.args[1] ?? "10000");
if (![tries, cases].every((one) => Number.isInteger(one) && one >= 1)) {
  console.error("usage: deno task torture [TRIES [CASES]]");
  Deno.exit(2);
}
await fetchPackagesOrExit();
const SEALED: Place = { name: ", sealed tokens", sealed: true };
const BUSY: Place = { name: ", busy locks", beside: "lock" };
const FULL: Place = { name: ", a disk that fills up", beside: "fill" };
/** A disk of a megabyte, mounted by the process that started this one. */
const disk = Deno.env.get(DISK) || undefined;
if (disk === undefined && !Deno.env.has(DISK)) Deno.exit(await onSmallDisk());
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
    () => tortureRefreshes(tries, "kill", SEALED),
    () => tortureRefreshes(tries, "kill", BUSY),
    () => tortureKeeper(tries),
    ...(disk === undefined ? [] : [
      () => tortureRefreshes(tries, "kill", { ...FULL, in: disk }),
    ]),
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
const seed = Math.floor(Math.random() * 2 ** 31);
console.log(`\n${cases} files of each kind, seed ${seed}:`);
if (!await tortureFiles(cases, seed)) bad++;
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
