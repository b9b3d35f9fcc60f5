import { accessSync, constants, statfsSync } from "node:fs";
import { mayBeMadeOurs, OWN_DIRECTORY } from "../../system/private_path.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";
import type { Facts } from "./facts.ts";
import { readProc } from "./proc.ts";
import { shellWord } from "../../base/shell_word.ts";
import { isDirectory } from "../../system/file_stat.ts";
import { realPath } from "../../system/files.ts";

/** Free bytes to warn about, and too few for a token file and its copy. */
const LITTLE = 10 * 1024 * 1024;
const TOO_LITTLE = 64 * 1024;

/** File systems of other machines, by their number in statfs(2). */
const REMOTE: Readonly<Record<number, string>> = {
  0x6969: "NFS",
  0x517b: "SMB",
  0xff534d42: "CIFS",
  0xfe534d42: "SMB2",
  0x01021997: "9P",
  0x5346414f: "AFS",
};

/** Checks whether files can be written where tokens are stored, without writing any. */
export function diskCheck({ settings }: Facts): Finding[] {
  if (settings === undefined || !settings.storeTokens) return [];
  const directory = existing(settings.tokenDir);
  if (isReadOnly(directory)) {
    return [
      failed("disk", `${directory} is on a read-only file system`, {
        fix:
          "use another directory with TD_TOKEN_DIR for the tokens, TD_CONFIG_DIR for everything",
      }),
    ];
  }
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch {
    return [notWritable(settings.tokenDir, directory)];
  }
  let disk: ReturnType<typeof statfsSync>;
  try {
    disk = statfsSync(directory);
  } catch {
    return [ok("disk", `${directory} is writable`)];
  }
  const { type, bsize, bavail, files, ffree } = disk;
  const free = bavail * bsize;
  const findings: Finding[] = [];
  const space = `${size(free)} free`;
  const remedy = {
    fix: "free some space",
    command: `df -h ${shellWord(directory)}`,
  };
  if (free < TOO_LITTLE) findings.push(failed("disk", "it is full", remedy));
  else if (free < LITTLE) findings.push(warning("disk", space, remedy));
  if (files > 0 && ffree === 0) {
    findings.push(
      failed("disk", "no more files can be created (no inodes left)", {
        fix: "remove some files",
        command: `df -i ${shellWord(directory)}`,
      }),
    );
  }
  const remote = REMOTE[type >>> 0];
  if (remote !== undefined) {
    findings.push(warning(
      "disk",
      `${directory} is on another machine (${remote}), where locks may fail and others may be able to read`,
      { fix: "set a local directory with TD_CONFIG_DIR" },
    ));
  }
  return findings.length > 0 ? findings : [ok("disk", `writable, ${space}`)];
}

/** A directory above the configuration directory is not the user's to own. */
function notWritable(configDir: string, directory: string): Finding {
  if (directory === configDir) {
    if (!mayBeMadeOurs(directory)) {
      return failed("disk", `${directory} is not writable`, {
        fix: OWN_DIRECTORY,
      });
    }
    return failed("disk", `${directory} is not writable`, {
      fix: "take ownership",
      command: `sudo chown "$(id -un)" ${shellWord(directory)}`,
    });
  }
  return failed(
    "disk",
    `${configDir} cannot be created: ${directory} is not writable`,
    {
      fix: "use another directory with TD_CONFIG_DIR, or create it as root",
      command: `sudo install -d -m 700 -o "$(id -un)" ${shellWord(configDir)}`,
    },
  );
}

/** Formats bytes: `73 GiB`. */
function size(bytes: number): string {
  const mebibytes = Math.floor(bytes / 1024 ** 2);
  return mebibytes < 10 * 1024
    ? `${mebibytes} MiB`
    : `${Math.floor(mebibytes / 1024)} GiB`;
}

/** Whether Linux has mounted a directory's file system read-only; the runtime checks permissions only. */
function isReadOnly(directory: string): boolean {
  let mounts: string;
  let path: string;
  try {
    mounts = readProc("/proc/self/mounts");
    path = `${realPath(directory)}/`;
  } catch {
    return false;
  }
  let longest = "";
  let readOnly = false;
  for (const line of mounts.split("\n")) {
    const [, point = "", , flags = ""] = line.split(" ");
    // Spaces and the like are octal there.
    const text = point.replace(
      /\\([0-7]{3})/g,
      (_, code) => String.fromCharCode(Number.parseInt(code, 8)),
    );
    if (text === "" || text.length < longest.length) continue;
    if (!path.startsWith(text === "/" ? text : `${text}/`)) continue;
    longest = text;
    readOnly = flags.split(",").includes("ro");
  }
  return readOnly;
}

/** The directory, or its nearest existing parent. */
export function existing(directory: string): string {
  for (let path = directory;; path = path.replace(/[/\\]?[^/\\]*$/, "")) {
    if (path === "") return "/";
    if (isDirectory(path)) return path;
  }
}
