import { type Env, isWsl } from "../../system/environment.ts";
import { OS } from "../../system/os.ts";
import { formatDuration } from "../terminal/duration.ts";
import { failed, type Finding, type Fix, ok, warning } from "./finding.ts";
import type { Probed } from "./probe.ts";

/** How far apart the clocks may be, in seconds: for tokens, and before certificates may seem not valid yet, or expired. */
const TOLERATED = 60;
const HARMFUL = 86_400;

/**
 * Compares this machine's clock with the broker's `Date` header, which has whole seconds and
 * was created while the request was in progress.
 *
 * @param answer The token endpoint's answer.
 * @param sandbox Whether it is the practice broker, whose clock may be changed on purpose.
 * @param env The environment, which identifies the system.
 * @returns The finding; none without a response with a date.
 */
export function clockFinding(
  { date, at, took }: Probed,
  sandbox: boolean,
  env: Env,
): Finding[] {
  if (date === undefined) return [];
  const ahead = (at - took / 2 - (date + 500)) / 1000;
  const off = Math.abs(ahead);
  if (off <= TOLERATED) return [ok("clock", "matches the broker's")];
  const make = off > HARMFUL ? failed : warning;
  const remedy = sandbox
    ? {
      fix: "if its clock was advanced on purpose, restart the practice broker",
    }
    : setClock(env);
  const where = `${formatDuration(off)} ${
    ahead > 0 ? "ahead of" : "behind"
  } the broker's`;
  const expired = ahead > 0 ? "expired" : "not valid yet";
  return [
    make(
      "clock",
      off > HARMFUL
        ? `${where}, so TLS certificates may appear ${expired}`
        // Tokens issued here are counted from this clock, and so are right.
        : `${where}, so tokens that are imported, or shared with other machines, will seem ${
          ahead > 0 ? "to expire too early" : "valid too long"
        }`,
      remedy,
    ),
  ];
}

/** How to set the system's clock. */
function setClock(env: Env): Fix {
  const fix = "synchronize the system clock";
  if (OS === "windows") return { fix, command: "w32tm /resync" };
  if (OS === "darwin") {
    return { fix, command: "sudo sntp -sS time.apple.com" };
  }
  return {
    fix,
    command: isWsl(env) ? "sudo hwclock -s" : "sudo timedatectl set-ntp true",
  };
}
