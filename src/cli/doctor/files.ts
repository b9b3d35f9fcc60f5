import { isOwnFile, SET_ASIDE, TEMPORARY } from "../../system/own_files.ts";
import {
  mayBeMadeOurs,
  OWN_DIRECTORY,
  whyShared,
} from "../../system/private_path.ts";
import { reason } from "../../system/system_error.ts";
import { tokenFileName } from "../../system/config_dir.ts";
import { appKeyOf } from "../../client/configured_provider.ts";
import { readConfig } from "../../settings/config_file.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";
import { existing } from "./disk.ts";
import type { Facts } from "./facts.ts";
import { shellWord } from "../../base/shell_word.ts";
import {
  type FileStat,
  isForeign,
  isOpenToOthers,
  lstatOf,
  statOf,
} from "../../system/file_stat.ts";
import { entriesOf } from "../../system/files.ts";
import { targetOf } from "../../system/link_target.ts";
import { OS } from "../../system/os.ts";

/** From this age, in seconds, no writer can still be using a temporary file. */
const STALE = 60;

/** Checks who can enter the directory and read its files, and what was left there. */
export function filesCheck(facts: Facts): Finding[] {
  const { settings } = facts;
  if (settings === undefined || OS === "windows") return [];
  const { configDir, tokenDir } = settings;
  return configDir === tokenDir ? ofDirectory(facts, configDir) : [
    ...(isMounted(configDir)
      ? [ok("directory", `${configDir}, from which settings are only read`)]
      : ofDirectory(facts, configDir)),
    ...ofDirectory(facts, tokenDir),
  ];
}

/** Whether a directory is the system's, such as a mounted secret. */
function isMounted(path: string): boolean {
  const stat = seen(statOf, path);
  return stat?.uid === 0 && isForeign(stat);
}

function ofDirectory(facts: Facts, configDir: string): Finding[] {
  const { now } = facts;
  const tokenFiles = tokenFilesOf(facts);
  const above = parents(configDir);
  let stat: FileStat | undefined;
  let names: string[] = [];
  try {
    stat = statOf(configDir);
    if (stat === undefined) {
      return [...above, ok("directory", `${configDir} will be created`)];
    }
    names = [...entriesOf(configDir)].map(({ name }) => name).sort();
  } catch (error) {
    return [
      failed(
        "directory",
        `${configDir} cannot be read: ${reason(error)}`,
        existing(configDir) === configDir && mayBeMadeOurs(configDir)
          ? {
            fix: "take ownership",
            command: `sudo chown "$(id -un)" ${
              shellWord(configDir)
            } && chmod 700 ${shellWord(configDir)}`,
          }
          : { fix: "use another directory with TD_CONFIG_DIR" },
      ),
    ];
  }
  const { mode = 0 } = stat;
  const open = isOpenToOthers(stat);
  const shared = whyShared(configDir, mode);
  const directory = shared !== undefined
    ? failed("directory", `${configDir} is shared: ${shared}`, {
      fix: OWN_DIRECTORY,
    })
    : isForeign(stat)
    ? failed("directory", `${configDir} belongs to another user`, {
      fix: "take ownership",
      command: `sudo chown "$(id -un)" ${shellWord(configDir)}`,
    })
    : open
    ? failed(
      "directory",
      `others can list ${configDir} (mode ${octal(mode)})`,
      {
        fix: "restrict its permissions",
        command: `chmod 700 ${shellWord(configDir)}`,
      },
    )
    : ok("directory", `${configDir}, accessible only to you`);
  const files = names.filter((name) => isOwnFile(name, tokenFiles))
    .flatMap((name) => ofFile(`${configDir}/${name}`, name, open, now));
  return [...above, directory, ...files];
}

/** The names of the token files of all profiles, and of the app that is named now. */
function tokenFilesOf({ settings, tokenPath }: Facts): string[] {
  const names = tokenPath === undefined
    ? []
    : [tokenPath.slice(tokenPath.lastIndexOf("/") + 1)];
  try {
    const { profiles } = readConfig(settings?.configDir ?? "");
    for (const [profile, texts] of Object.entries(profiles)) {
      const consumerKey = appKeyOf(texts);
      if (consumerKey === undefined) continue;
      names.push(tokenFileName(consumerKey.trim(), profile));
    }
  } catch {
    // Another line reports why it cannot be read.
  }
  return names;
}

function ofFile(
  path: string,
  name: string,
  reachable: boolean,
  now: number,
): Finding[] {
  const stat = seen(lstatOf, path);
  if (stat === undefined) return []; // it has just been removed
  if (stat.kind === "link") return ofLink(path, name);
  if (stat.kind !== "file") {
    return [
      failed("file", `${name} is not a regular file`, {
        fix: "move it away",
        command: `mv ${shellWord(path)} ${shellWord(`${path}.old`)}`,
      }),
    ];
  }
  if (TEMPORARY.test(name)) {
    const age = now - (stat.modified ?? 0) / 1000;
    return age < STALE ? [] : [
      warning("leftover", `${name} is left over from an interrupted write`, {
        fix: "the next write removes it; to remove it now",
        command: `rm ${shellWord(path)}`,
      }),
    ];
  }
  if (SET_ASIDE.test(name)) {
    return [
      warning(
        "leftover",
        `${name} is a damaged token file that was moved aside`,
        {
          fix: "remove it once you have logged in again",
          command: `rm ${shellWord(path)}`,
        },
      ),
    ];
  }
  if (isForeign(stat)) {
    return [
      failed("file", `${name} belongs to another user`, {
        fix: "take ownership",
        command: `sudo chown "$(id -un)" ${shellWord(path)}`,
      }),
    ];
  }
  if (!isOpenToOthers(stat)) return [];
  const { mode = 0 } = stat;
  // If no other user can enter the directory, none can read the file.
  return [
    (reachable ? failed : warning)(
      "file",
      `others can read ${name} (mode ${octal(mode)})`,
      {
        fix: "restrict its permissions",
        command: `chmod 600 ${shellWord(path)}`,
      },
    ),
  ];
}

/** A link is written through where it leads to a file of the user's. */
function ofLink(path: string, name: string): Finding[] {
  try {
    const target = targetOf(path);
    return target === path
      ? [
        warning("file", `${name} is a link that leads nowhere`, {
          fix: "the next write replaces it; to remove it now",
          command: `rm ${shellWord(path)}`,
        }),
      ]
      : [ok("file", `${name} is a link to ${target}, which is written`)];
  } catch (error) {
    return [
      failed("file", `${name} cannot be written: ${reason(error)}`, {
        fix: "replace the link with a file of your own, or lead it to one",
      }),
    ];
  }
}

/** A user who can write to a parent directory can replace this one. */
function parents(directory: string): Finding[] {
  const first = existing(directory);
  for (
    let path = first;
    path !== "";
    path = path.slice(0, path.lastIndexOf("/"))
  ) {
    if (path === directory) continue;
    const bits = seen(statOf, path)?.mode ?? 0;
    // With the sticky bit, as on /tmp, users can move only what is theirs.
    if ((bits & 0o002) !== 0 && (bits & 0o1000) === 0) {
      return [
        failed(
          "directory",
          `everyone can write to ${path} (mode ${
            octal(bits)
          }), and so replace what is in it`,
          {
            fix: "restrict its permissions",
            command: `chmod o-w ${shellWord(path)}`,
          },
        ),
      ];
    }
  }
  return [];
}

/** The file at a path; nothing if it cannot be inspected. */
function seen(
  look: (path: string) => FileStat | undefined,
  path: string,
): FileStat | undefined {
  try {
    return look(path);
  } catch {
    return undefined;
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
