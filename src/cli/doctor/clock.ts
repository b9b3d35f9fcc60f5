import { type Env, isWsl } from "../../system/environment.ts";
import { OS } from "../../system/os.ts";
import { formatDuration } from "../terminal/duration.ts";
import { failed, type Finding, type Fix, ok, warning } from "./finding.ts";
import type { Probed } from "./probe.ts";

/** How far apart, in seconds, the clocks may be: for tokens, and before certificates may be taken for not valid yet, or no more. */
const TOLERATED = 60;
const HARMFUL = 86_400;

/**
 * Compares this machine's clock with the broker's `Date` header, which is of
 * whole seconds and was made while the request was under way.
 *
 * @param answer The token endpoint's answer.
 * @param sandbox Whether it is the practice broker, whose clock is moved on purpose.
 * @param env The environment, which says what system this is.
 * @returns The finding; none where there was no answer with a date.
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
        // Those that are got here are counted from this clock, and so right all the same.
        : `${where}, so tokens that are imported, or shared with other machines, are taken for ${
          ahead > 0 ? "expired too early" : "valid too long"
        }`,
      remedy,
    ),
  ];
}

/** How a system's clock is set. */
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
