/** A real Secret Service of its own for a test: gnome-keyring on a D-Bus session of its own. */
import { stop } from "../premise.ts";
import { temporaryDirectory } from "../support.ts";

/** What it takes; each is Debian's package of a similar name. */
const PROGRAMS = [
  "dbus-run-session",
  "dbus-send",
  "gnome-keyring-daemon",
  "secret-tool",
];

const missing = PROGRAMS.filter((name) => !isThere(name));

/** The name of a test that needs a Secret Service; it is ignored, with the reason, where there is none. */
export function needsKeyring(name: string): { name: string; ignore: boolean } {
  return missing.length === 0
    ? { name, ignore: false }
    : { name: `${name} (ignored: there is no ${missing[0]})`, ignore: true };
}

function isThere(program: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((directory) => {
    try {
      return Deno.statSync(`${directory}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}

/** A keyring that is unlocked. */
export interface Keyring extends AsyncDisposable {
  /** The variables by which a program finds it. */
  readonly env: Readonly<Record<string, string>>;
  /** Locks it; nobody is there to unlock it. */
  lock(): Promise<void>;
  /** How many keys of tdauth's it holds. */
  count(): Promise<number>;
  /** Removes them all. */
  empty(): Promise<void>;
  /** Stops the daemon, which then answers nothing until it is killed. */
  stop(): Promise<void>;
  /** Kills the daemon, as a crash would. */
  kill(): void;
}

/** Starts a D-Bus session with a keyring in it. */
export async function startKeyring(): Promise<Keyring> {
  const directory = temporaryDirectory();
  const home = `${directory.path}/home`;
  const runtime = `${directory.path}/run`;
  Deno.mkdirSync(`${home}/.local/share/keyrings`, { recursive: true });
  Deno.mkdirSync(runtime, { mode: 0o700 });
  const base = {
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    PATH: Deno.env.get("PATH") ?? "",
    LC_ALL: "C",
  };
  const session = new Deno.Command("dbus-run-session", {
    args: [
      "--",
      "sh",
      "-c",
      `printf 'pw\\n' | gnome-keyring-daemon --unlock --components=secrets --foreground >/dev/null &
       echo "$! $DBUS_SESSION_BUS_ADDRESS"
       cat >/dev/null; kill $!`,
    ],
    clearEnv: true,
    env: base,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = session.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  let line = "";
  while (!line.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("dbus-run-session has ended");
    line += value;
  }
  await reader.cancel();
  const [pid = "", address = ""] = line.trim().split(" ");
  const env = { ...base, DBUS_SESSION_BUS_ADDRESS: address };
  const output = async (program: string, ...args: string[]) => {
    const { stdout } = await new Deno.Command(program, {
      args,
      clearEnv: true,
      env,
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout);
  };
  const send = (destination: string, path: string, ...rest: string[]) =>
    output(
      "dbus-send",
      "--session",
      "--print-reply",
      `--dest=${destination}`,
      path,
      ...rest,
    );
  const isReady = async () =>
    (await send(
      "org.freedesktop.DBus",
      "/",
      "org.freedesktop.DBus.NameHasOwner",
      "string:org.freedesktop.secrets",
    )).includes("true");
  for (let tries = 0; !await isReady(); tries++) {
    if (tries > 3000) throw new Error("gnome-keyring does not start");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    env: {
      DBUS_SESSION_BUS_ADDRESS: address,
      XDG_RUNTIME_DIR: runtime,
    },
    async lock() {
      await send(
        "org.freedesktop.secrets",
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.Lock",
        "array:objpath:/org/freedesktop/secrets/collection/login",
      );
    },
    async count() {
      const found = await output(
        "secret-tool",
        ...["search", "--all", "application", "tdauth"],
      );
      return found.split("\n").filter((line) => /^\[/.test(line)).length;
    },
    async empty() {
      await output("secret-tool", "clear", "application", "tdauth");
    },
    stop: () =>
      stop({
        pid: Number(pid),
        kill: (signal) => Deno.kill(Number(pid), signal),
      }),
    kill: () => Deno.kill(Number(pid), "SIGKILL"),
    async [Symbol.asyncDispose]() {
      await session.stdin.close().catch(() => {});
      await session.status;
      await directory[Symbol.asyncDispose]();
    },
  };
}
