import { userInfo } from "node:os";
import { isWsl, realEnvironment } from "../../system/environment.ts";
import { callbackHosts } from "../../login/callback_server.ts";
import {
  browserCommands,
  currentPlatform,
} from "../../login/browser_commands.ts";
import { isFile } from "../../system/file_stat.ts";
import { ARCHITECTURE, OS, RUNTIME } from "../../system/os.ts";
import { VERSION } from "../grammar/version.ts";
import { type Finding, ok, warning } from "./finding.ts";
import type { Facts } from "./facts.ts";

/** The oldest runtime that this is tested with. */
const OLDEST = [2, 4] as const;

/** Checks the runtime, and whether a browser can open and reach this machine. */
export function machineCheck(facts: Facts): Finding[] {
  const where = session(facts);
  return [version(), where, ...browser(facts, where.state === "ok")];
}

function version(): Finding {
  const { name, version } = RUNTIME;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const text = `tdauth ${VERSION}, ${name} ${version}, ${OS} ${ARCHITECTURE}`;
  const old = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  return old
    ? warning("version", text, {
      fix: `update Deno to ${OLDEST.join(".")} or later`,
      command: "deno upgrade",
    })
    : ok("version", text);
}

/** Where the user sits, if not here. */
function session({ env, settings }: Facts): Finding {
  if (isWsl(env)) {
    return ok(
      "session",
      `WSL (${
        env("WSL_DISTRO_NAME") ?? "unnamed"
      }): Windows' browser opens; if its redirect fails, paste the final URL`,
    );
  }
  const ssh = env("SSH_CONNECTION");
  if (ssh !== undefined) {
    const command = tunnel(ssh, settings?.callbackUrl);
    return warning("session", "over ssh: your browser is on another machine", {
      fix: "paste the final URL, or run this there and log in here",
      ...(command !== undefined && { command }),
    });
  }
  if (inContainer(env)) {
    return warning(
      "session",
      "in a container: a browser outside cannot reach its loopback ports",
      {
        fix: "paste the final URL of the browser",
        command: ["login", "--no-browser"],
      },
    );
  }
  return ok("session", "on this machine");
}

/** The command that tunnels the callback port from the browser's machine; nothing if the URL leads elsewhere. */
function tunnel(
  connection: string,
  callbackUrl: string | undefined,
): string | undefined {
  if (callbackUrl === undefined) return undefined;
  const [host] = callbackHosts(callbackUrl);
  if (host === undefined) return undefined;
  const url = new URL(callbackUrl);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const to = host.includes(":") ? `[${host}]` : host;
  const server = connection.split(" ")[2] ?? "HOST";
  return `ssh -L ${port}:${to}:${port} ${user()}@${server}`;
}

function user(): string {
  try {
    return userInfo().username;
  } catch {
    return "USER";
  }
}

function inContainer(env: Facts["env"]): boolean {
  return env("container") !== undefined || isFile("/.dockerenv") ||
    isFile("/run/.containerenv");
}

/** The browser that a login would open; a missing one is reported only `here`, where the user sits. */
function browser({ env }: Facts, here: boolean): Finding[] {
  const own = env("BROWSER");
  const all = realEnvironment();
  const commands = browserCommands("https://127.0.0.1/", {
    ...(own !== undefined && { command: own }),
    platform: currentPlatform(env),
    ...(all && { env: all }),
  }).map(([program = ""]) => program);
  const found = commands.find((program) => isInstalled(program, env));
  if (found !== undefined) return [ok("browser", `opens with ${found}`)];
  if (!here) return [];
  return [
    warning(
      "browser",
      commands.length === 0
        ? "no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
        : `not found: ${commands.join(", ")}`,
      {
        fix: "open the login page on any computer, and paste the final URL",
        command: ["login", "--no-browser"],
      },
    ),
  ];
}

function isInstalled(program: string, env: Facts["env"]): boolean {
  if (/[/\\]/.test(program)) return isFile(program);
  // Windows also searches elsewhere, and always has these.
  if (OS === "windows") return true;
  return (env("PATH") ?? "").split(":").some((directory) =>
    directory !== "" && isFile(`${directory}/${program}`)
  );
}
