import { shellWord } from "../base/shell_word.ts";
import type { ProgramCall } from "./run_program.ts";

/** Where ssh connects to; what is absent is ssh's own configuration's. */
export interface SshHost {
  /** The machine, or a `Host` of ssh's configuration. */
  readonly host: string;
  /** The user there. */
  readonly user?: string;
  /** The port there. */
  readonly port?: number;
}

/**
 * A machine's or a user's name. It begins with no `-`, because ssh would take it
 * as an option (`-oProxyCommand=…` runs a program), and has nothing that a shell
 * of a `ProxyCommand` could read as more than a word.
 */
const NAME = /^[\p{L}\p{N}_.][\p{L}\p{N}_.@%:-]*$/u;

/**
 * Parses where ssh connects to.
 *
 * @param text `host`, `user@host`, or `ssh://user@host:port`.
 * @returns It, or nothing when it is none of these.
 */
export function parseSshHost(text: string): SshHost | undefined {
  const url = /^ssh:\/\//i.test(text);
  const place = url ? text.slice("ssh://".length).replace(/\/$/, "") : text;
  const at = place.lastIndexOf("@");
  const user = at < 0 ? undefined : place.slice(0, at);
  const rest = place.slice(at + 1);
  const found = url
    ? /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(rest)
    : undefined;
  if (found === null) return undefined;
  const host = found ? found[1] ?? found[2] ?? "" : rest;
  const port = found?.[3] === undefined ? undefined : Number(found[3]);
  if (!NAME.test(host) || (user !== undefined && !NAME.test(user))) {
    return undefined;
  }
  if (port !== undefined && (port === 0 || port > 65535)) return undefined;
  return {
    host,
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port }),
  };
}

/** Shows where ssh connects to. */
export function sshHostText({ host, user, port }: SshHost): string {
  return `${user === undefined ? "" : `${user}@`}${host}${
    port === undefined ? "" : `:${port}`
  }`;
}

/**
 * Makes the call of ssh that runs a command on another machine, without a
 * terminal there.
 *
 * @param to Where.
 * @param command The command's words; the other machine's shell sees each as one word.
 * @param options Whether a person may be asked for a password or a host key.
 * @returns What to run; no secret may be among the command's words.
 */
export function sshCall(
  { host, user, port }: SshHost,
  command: readonly string[],
  { unattended }: { readonly unattended: boolean },
): ProgramCall {
  return {
    program: "ssh",
    args: [
      "-T",
      ...(unattended ? ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10"] : []),
      ...(port === undefined ? [] : ["-p", String(port)]),
      ...(user === undefined ? [] : ["-l", user]),
      "--",
      host,
      command.map(quoted).join(" "),
    ],
  };
}

/** A word for any POSIX shell. */
function quoted(word: string): string {
  return /^[\w./:=@+-]+$/.test(word) ? word : shellWord(word);
}
