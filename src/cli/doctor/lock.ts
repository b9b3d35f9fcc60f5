import { directoryOf } from "../../system/atomic_file.ts";
import { lockStateOf } from "../../system/lock_state.ts";
import { OS } from "../../system/os.ts";
import { type Finding, ok, warning } from "./finding.ts";
import { existing } from "./disk.ts";
import { type Holder, holderText, lockHolder } from "./lock_holder.ts";
import type { Facts } from "./facts.ts";

/** The lock of one kind of work: free, or held, if possible by whom. */
export type LockState = "free" | "held" | Holder;

/** What keeps another process from each kind of work, in words. */
const WORK = {
  login: "a login is in progress",
  refresh: "a refresh is in progress",
  write: "the tokens are being written",
} as const;

/** Checks whether another process holds a lock, and whether the file system has any. */
export function lockCheck({ settings, tokenPath }: Facts): Finding[] {
  if (settings === undefined || tokenPath === undefined) return [];
  const directory = existing(settings.tokenDir);
  if (OS !== "windows" && lockStateOf(directory) === "no locks") {
    return [
      warning(
        "lock",
        `the file system of ${directory} does not support locks`,
        {
          fix:
            "concurrent commands may break each other's refresh: move the files to a local disk with TD_TOKEN_DIR",
        },
      ),
    ];
  }
  const held = (Object.keys(WORK) as (keyof typeof WORK)[])
    .flatMap((work) => {
      const state = lockState(tokenPath, work);
      if (state === "free") return [];
      const who = state === "held" ? "" : ` (${holderText(state)})`;
      return [
        warning("lock", `${WORK[work]} in another process${who}`, {
          fix: "wait for it; if it hangs, end it",
          ...(state !== "held" && { command: `kill ${state.pid}` }),
        }),
      ];
    });
  return held.length > 0 ? held : [ok("lock", "available")];
}

/**
 * Checks whether a lock is held, and by which process.
 *
 * @param tokenPath The token file.
 * @param work What the lock is for.
 * @returns Who holds it.
 */
export function lockState(
  tokenPath: string,
  work: keyof typeof WORK,
): LockState {
  const directory = directoryOf(tokenPath);
  const name = tokenPath.slice(directory.length + 1);
  const path = work === "write"
    ? `${directory}/.write.lock`
    : `${directory}/.${name}.${work}.lock`;
  try {
    switch (lockStateOf(path)) {
      case "held":
        return lockHolder(path) ?? "held";
      case "unknown":
        return lockHolder(path) ?? "free";
      default:
        return "free";
    }
  } catch {
    return "free"; // it was never locked, or is unreadable, which another line reports
  }
}
