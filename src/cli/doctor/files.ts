import { isOwnFile, SET_ASIDE, TEMPORARY } from "../../system/own_files.ts";
import {
  mayBeMadeOurs,
  OWN_DIRECTORY,
  reason,
  whyShared,
} from "../../system/private_path.ts";
import { tokenFileName } from "../../system/config_dir.ts";
import { readConfig } from "../../settings/config_file.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";
import { existing } from "./disk.ts";
import type { Patient } from "./patient.ts";
import { shellWord } from "../../shell_word.ts";

/** How old, in seconds, a temporary file is that no writer can be at work on. */
const STALE = 60;

/** Looks who may enter the directory and read the files in it, and what was left there. */
export function filesCheck(patient: Patient): Finding[] {
  const { settings, now } = patient;
  if (settings === undefined || Deno.build.os === "windows") return [];
  const { configDir } = settings;
  const tokenFiles = tokenFilesOf(patient);
  const above = parents(configDir);
  let info: Deno.FileInfo;
  let names: string[];
  try {
    info = Deno.statSync(configDir);
    names = [...Deno.readDirSync(configDir)].map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return [...above, ok("directory", `${configDir} will be made`)];
    }
    return [
      failed(
        "directory",
        `${configDir} cannot be read: ${reason(error)}`,
        existing(configDir) === configDir && mayBeMadeOurs(configDir)
          ? {
            fix: "make it yours",
            command: `sudo chown "$(id -un)" ${
              shellWord(configDir)
            } && chmod 700 ${shellWord(configDir)}`,
          }
          : { fix: "name another directory with TD_CONFIG_DIR" },
      ),
    ];
  }
  const open = mode(info) & 0o077;
  const shared = whyShared(configDir, mode(info));
  const directory = shared !== undefined
    ? failed("directory", `${configDir} is not for tdauth: ${shared}`, {
      fix: OWN_DIRECTORY,
    })
    : foreign(info)
    ? failed("directory", `${configDir} belongs to another user`, {
      fix: "make it yours",
      command: `sudo chown "$(id -un)" ${shellWord(configDir)}`,
    })
    : open
    ? failed(
      "directory",
      `others may look into ${configDir} (mode ${octal(info)})`,
      { fix: "close it", command: `chmod 700 ${shellWord(configDir)}` },
    )
    : ok("directory", `${configDir}, for you alone`);
  const files = names.filter((name) => isOwnFile(name, tokenFiles))
    .flatMap((name) => ofFile(`${configDir}/${name}`, name, open !== 0, now));
  return [...above, directory, ...files];
}

/** The names of the token files of all profiles, and of the app that is named now. */
function tokenFilesOf({ settings, tokenPath }: Patient): string[] {
  const names = tokenPath === undefined
    ? []
    : [tokenPath.slice(tokenPath.lastIndexOf("/") + 1)];
  try {
    const { profiles } = readConfig(settings?.configDir ?? "");
    for (const [profile, { consumerKey }] of Object.entries(profiles)) {
      if (consumerKey === undefined) continue;
      names.push(tokenFileName(consumerKey.trim(), profile));
    }
  } catch {
    // Another line says why it cannot be read.
  }
  return names;
}

function ofFile(
  path: string,
  name: string,
  reachable: boolean,
  now: number,
): Finding[] {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch {
    return []; // it has just been removed
  }
  if (info.isSymlink) {
    return [
      warning("file", `${name} is a link, which the next write replaces`, {
        fix: "name the directory of the real file with TD_CONFIG_DIR",
      }),
    ];
  }
  if (!info.isFile) return [];
  if (TEMPORARY.test(name)) {
    const age = now - (info.mtime?.getTime() ?? 0) / 1000;
    return age < STALE ? [] : [
      warning("leftover", `${name} is left of a write that was cut short`, {
        fix: "the next write removes it; to do it now",
        command: `rm ${shellWord(path)}`,
      }),
    ];
  }
  if (SET_ASIDE.test(name)) {
    return [
      warning(
        "leftover",
        `${name} is a damaged token file that was set aside`,
        {
          fix: "remove it once you have logged in again",
          command: `rm ${shellWord(path)}`,
        },
      ),
    ];
  }
  if (foreign(info)) {
    return [
      failed("file", `${name} belongs to another user`, {
        fix: "make it yours",
        command: `sudo chown "$(id -un)" ${shellWord(path)}`,
      }),
    ];
  }
  if ((mode(info) & 0o077) === 0) return [];
  // Where nobody else can enter the directory nobody else can read it.
  return [
    (reachable ? failed : warning)(
      "file",
      `others may read ${name} (mode ${octal(info)})`,
      { fix: "close it", command: `chmod 600 ${shellWord(path)}` },
    ),
  ];
}

/** Whoever may write in a directory above may put another in this one's place. */
function parents(directory: string): Finding[] {
  const first = existing(directory);
  for (
    let path = first;
    path !== "";
    path = path.slice(0, path.lastIndexOf("/"))
  ) {
    if (path === directory) continue;
    let info: Deno.FileInfo;
    try {
      info = Deno.statSync(path);
    } catch {
      continue;
    }
    // With the sticky bit, as /tmp has it, nobody moves what is another's.
    if ((mode(info) & 0o002) !== 0 && (mode(info) & 0o1000) === 0) {
      return [
        failed(
          "directory",
          `everybody may write in ${path} (mode ${
            octal(info)
          }), and so replace what is in it`,
          { fix: "close it", command: `chmod o-w ${shellWord(path)}` },
        ),
      ];
    }
  }
  return [];
}

function mode({ mode }: Deno.FileInfo): number {
  return (mode ?? 0) & 0o7777;
}

function octal(info: Deno.FileInfo): string {
  return mode(info).toString(8).padStart(4, "0");
}

function foreign({ uid }: Deno.FileInfo): boolean {
  const user = Deno.uid();
  return user !== null && uid !== null && uid !== user;
}
