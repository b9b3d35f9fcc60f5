import { reason } from "../system/system_error.ts";
import { TdauthError } from "../base/errors.ts";
import type { Authority } from "./authority.ts";
import { mustRun } from "./must_run.ts";
import type { ProgramCall, RunProgram } from "../system/run_program.ts";
import type { TrustStore } from "./store.ts";
import { shellWord } from "../base/shell_word.ts";
import { isDirectory } from "../system/file_stat.ts";
import { removeFile, replaceFile } from "../system/files.ts";
import { readTextFile } from "../system/read_text.ts";

/** The directory of a Linux's own trust anchors, and the command that loads them. */
interface Anchors {
  readonly directory: string;
  readonly ending: string;
  readonly added: ProgramCall;
  readonly removed: ProgramCall;
}

const DEBIAN = "update-ca-certificates";
const FEDORA: ProgramCall = { program: "update-ca-trust", args: [] };
/** Debian and Ubuntu and Alpine, Fedora and RHEL, Arch, openSUSE. */
const ANCHORS: readonly Anchors[] = [
  {
    directory: "/usr/local/share/ca-certificates",
    ending: ".crt",
    added: { program: DEBIAN, args: [] },
    removed: { program: DEBIAN, args: ["--fresh"] }, // or links to the removed one stay
  },
  {
    directory: "/etc/pki/ca-trust/source/anchors",
    ending: ".pem",
    added: FEDORA,
    removed: FEDORA,
  },
  {
    directory: "/etc/ca-certificates/trust-source/anchors",
    ending: ".crt",
    added: FEDORA,
    removed: FEDORA,
  },
  {
    directory: "/etc/pki/trust/anchors",
    ending: ".pem",
    added: { program: DEBIAN, args: [] },
    removed: { program: DEBIAN, args: [] },
  },
];

/**
 * Returns the file by which this system trusts a CA.
 *
 * @param authority The CA.
 * @param hasDirectory Whether a directory exists. Default: checks the disk.
 * @returns The path; nothing on an unknown system.
 */
export function systemAnchor(
  { name }: Authority,
  hasDirectory: (path: string) => boolean = isDirectory,
): string | undefined {
  const anchors = ANCHORS.find(({ directory }) => hasDirectory(directory));
  return anchors &&
    `${anchors.directory}/${fileName(name)}${anchors.ending}`;
}

/** The administrator's commands to trust a CA, and to remove it. */
export interface SystemCommands {
  /** Installs the certificate and reloads the anchors. */
  readonly add: string;
  /** The opposite. */
  readonly remove: string;
}

/**
 * Returns the shell commands for a user who is not root.
 *
 * @param path The anchor's file, from {@linkcode systemAnchor}.
 * @param file A file with the CA's certificate.
 * @returns The commands.
 */
export function systemCommands(path: string, file: string): SystemCommands {
  const { added, removed } = anchorsOf(path);
  const line = ({ program, args }: ProgramCall) =>
    ["sudo", program, ...args].join(" ");
  return {
    add: `sudo install -m 644 ${shellWord(file)} ${shellWord(path)} && ${
      line(added)
    }`,
    remove: `sudo rm -f ${shellWord(path)} && ${line(removed)}`,
  };
}

/**
 * The trust anchors of the system, which only root may change.
 *
 * @param path The anchor's file, from {@linkcode systemAnchor}.
 * @param run Runs the system's own program.
 * @returns The store.
 */
export function systemStore(path: string, run: RunProgram): TrustStore {
  const look: TrustStore["look"] = ({ pem }) => {
    try {
      const same = readTextFile(path).trim() === pem.trim();
      return Promise.resolve(same ? "trusted" : "absent");
    } catch {
      return Promise.resolve("absent");
    }
  };
  return {
    kind: "system",
    path,
    look,
    add: async ({ pem }, file) => {
      asRoot("add the local CA to", systemCommands(path, file).add, () => {
        replaceFile(path, pem, 0o644);
      });
      await mustRun(
        run,
        anchorsOf(path).added,
        "add the local CA to the system's trust anchors",
      );
    },
    remove: async (authority) => {
      if (await look(authority) === "absent") return;
      refuseOther(path, authority);
      asRoot(
        "remove the local CA from",
        systemCommands(path, "").remove,
        () => {
          removeFile(path);
        },
      );
      await mustRun(
        run,
        anchorsOf(path).removed,
        "remove the local CA from the system's trust anchors",
      );
    },
  };
}

/** Checks that a recorded file is an anchor by its path and name; else root runs nothing. */
function refuseOther(path: string, { name }: Authority): void {
  const file = fileName(name);
  const isAnchor = ANCHORS.some(({ directory, ending }) =>
    path === `${directory}/${file}${ending}`
  );
  if (isAnchor) return;
  throw new TdauthError(
    "certificate_failed",
    `Cannot remove "${path}": it is not in the system's trust anchor directory`,
    { hint: "remove the entry from trust.json" },
  );
}

function fileName(name: string): string {
  return name.replaceAll(" ", "-");
}

function asRoot(what: string, command: string, change: () => void): void {
  try {
    change();
  } catch (cause) {
    throw new TdauthError(
      "certificate_failed",
      `Cannot ${what} the system's trust anchors: ${reason(cause)}`,
      { hint: `run: ${command}`, cause },
    );
  }
}

function anchorsOf(path: string): Pick<Anchors, "added" | "removed"> {
  return ANCHORS.find(({ directory }) => path.startsWith(`${directory}/`)) ??
    { added: FEDORA, removed: FEDORA };
}
