/** A machine that can be reached by ssh: Debian's own OpenSSH on a loopback port, with keys of the test's own. */
import type { Machine } from "../cli/machine.ts";
import { Running } from "../cli/process.ts";
import { until } from "../premise.ts";
import { reservePort, temporaryDirectory } from "../support.ts";

/** A user's machine that ssh leads to, and the one that it is called from. */
export interface SshServer extends AsyncDisposable {
  /** What ssh calls the machine: a `Host` of its configuration. */
  readonly host: string;
  /** The same machine by a name whose key ssh does not know, and asks the user about. */
  readonly unknownHost: string;
  /** The user there. */
  readonly user: string;
  /** The machine's port, for an `ssh://` URL. */
  readonly port: number;
  /** The home directory of the machine on which ssh is called; nothing is in it. */
  readonly home: string;
  /** What a command on that machine has in its environment: its home, and `ssh` as the first of that name. */
  readonly env: Readonly<Record<string, string>>;
  /** Where `tdauth` is on the machine that ssh leads to: a shell script, which a test may replace. */
  readonly program: string;
  /** How `ssh` was called so far, its arguments separated by spaces. */
  readonly calls: () => readonly string[];
  /** The processes of sshd that serve a connection; Linux alone tells. */
  readonly connections: () => number[];
  /** Cuts all connections, as when a machine vanishes, and waits until that is seen; fails when there is none. */
  readonly cut: () => Promise<void>;
}

/** Where Debian has it; it is on the path of root alone. */
const SSHD = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/**
 * The name of a test that needs an ssh server; it is ignored, with the reason,
 * where there is none.
 *
 * @param name The test's name.
 */
export function needsSshd(name: string): { name: string; ignore: boolean } {
  return SSHD !== undefined ? { name, ignore: false } : {
    name: `${name} (ignored: there is no sshd)`,
    ignore: true,
  };
}

/**
 * Starts an ssh server that leads to a machine: a command that it runs has that
 * machine's home directory, and its `tdauth` as the first of that name. `ssh` finds
 * it by a configuration of the test's own; nothing of the real user's is read.
 *
 * @param machine The machine that it leads to; its disposal must come after this one's.
 * @param options Lines for sshd_config, before all others, of which the first counts.
 */
export async function startSshServer(
  machine: Machine,
  { config = [] }: { readonly config?: readonly string[] } = {},
): Promise<SshServer> {
  const stack = new AsyncDisposableStack();
  const { path } = stack.use(temporaryDirectory());
  const { port } = stack.use(reservePort());
  const [host, unknownHost] = ["there", "unknown"];
  const user = output("id", "-un");
  const home = `${path}/home`;
  const program = `${machine.home}/bin/tdauth`;
  for (const one of [home, `${path}/bin`, `${machine.home}/bin`]) {
    Deno.mkdirSync(one);
  }
  writeScript(program, tdauthScript(machine));

  for (const key of ["host_key", "user_key"]) {
    output(
      "ssh-keygen",
      "-q",
      "-t",
      "ed25519",
      "-N",
      "",
      "-f",
      `${path}/${key}`,
    );
  }
  const publicKey = (name: string) =>
    Deno.readTextFileSync(`${path}/${name}.pub`);
  Deno.writeTextFileSync(`${path}/authorized_keys`, publicKey("user_key"));
  Deno.writeTextFileSync(
    `${path}/known_hosts`,
    `${host} ${publicKey("host_key")}`,
  );
  Deno.writeTextFileSync(
    `${path}/sshd_config`,
    [
      ...config,
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${path}/host_key`,
      `AuthorizedKeysFile ${path}/authorized_keys`,
      // The key is in a directory that others may write to: /tmp.
      "StrictModes no",
      "PermitRootLogin yes",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "UsePAM no",
      "UseDNS no",
      "PidFile none",
      "PermitUserRC no",
      "PrintMotd no",
      "PrintLastLog no",
      "MaxStartups 100",
      `SetEnv HOME=${machine.home} PATH=${machine.home}/bin:/usr/local/bin:/usr/bin:/bin`,
      "",
    ].join("\n"),
  );
  Deno.writeTextFileSync(
    `${path}/ssh_config`,
    [
      `Host ${unknownHost}`,
      `HostKeyAlias ${unknownHost}`,
      "StrictHostKeyChecking ask",
      "Host *",
      "HostName 127.0.0.1",
      `Port ${port}`,
      `HostKeyAlias ${host}`,
      `IdentityFile ${path}/user_key`,
      "IdentitiesOnly yes",
      "IdentityAgent none",
      `UserKnownHostsFile ${path}/known_hosts`,
      "GlobalKnownHostsFile /dev/null",
      "StrictHostKeyChecking yes",
      "",
    ].join("\n"),
  );
  const calls = `${path}/calls`;
  Deno.writeTextFileSync(calls, "");
  // OpenSSH finds ~/.ssh by the user's entry in passwd, whatever HOME says.
  writeScript(
    `${path}/bin/ssh`,
    `printf '%s\\n' "$*" >> ${calls}\nexec ${
      output("which", "ssh")
    } -F ${path}/ssh_config "$@"`,
  );

  // Where root's sshd goes before it knows who asks; a service's start makes it otherwise.
  if (Deno.uid() === 0) Deno.mkdirSync("/run/sshd", { recursive: true });
  const server = new Running(SSHD ?? "sshd", {
    args: ["-D", "-e", "-f", `${path}/sshd_config`],
    env: {},
    cwd: path,
    killAfter: 600_000,
  });
  stack.defer(async () => {
    server.kill("SIGTERM");
    await server.result;
  });
  await server.sees(/Server listening on 127\.0\.0\.1/);
  const connections = () => childrenOf(server.pid);
  const cut = async () => {
    const cut = connections();
    if (cut.length === 0) throw new Error("there is no connection to cut");
    for (const pid of cut) Deno.kill(pid, "SIGKILL");
    await until("the connection is cut", () => connections().length === 0);
  };
  stack.defer(async () => {
    if (connections().length > 0) await cut();
  });
  return {
    host,
    unknownHost,
    user,
    port,
    home,
    env: {
      HOME: home,
      PATH: `${path}/bin:${Deno.env.get("PATH") ?? ""}`,
    },
    program,
    calls: () => Deno.readTextFileSync(calls).split("\n").slice(0, -1),
    connections,
    cut,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Writes a shell script, which replaces one that may be running. */
export function writeScript(path: string, commands: string): void {
  Deno.writeTextFileSync(`${path}.new`, `#!/bin/sh\n${commands}\n`);
  Deno.chmodSync(`${path}.new`, 0o755);
  Deno.renameSync(`${path}.new`, path);
}

/** What runs a machine's `tdauth` where the environment is another one's. */
export function tdauthScript({ tdauth: { words, env } }: Machine): string {
  const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
  return [
    ...Object.entries(env).map(([name, value]) =>
      `export ${name}=${quoted(value)}`
    ),
    `exec ${words.map(quoted).join(" ")} "$@"`,
  ].join("\n");
}

/** What a program prints that must not fail, in one line. */
function output(program: string, ...args: readonly string[]): string {
  const { success, stdout, stderr } = new Deno.Command(program, {
    args: [...args],
  }).outputSync();
  const text = new TextDecoder();
  if (!success) throw new Error(`${program}: ${text.decode(stderr)}`);
  return text.decode(stdout).trim();
}

/** The processes that a process has started itself. */
function childrenOf(parent: number): number[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      // The name before the last parenthesis may have anything in it.
      const [state, of] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(of) === parent && state !== "Z" ? [Number(name)] : [];
    } catch {
      return []; // it has just ended
    }
  });
}
