import type { Env } from "../../../system/environment.ts";
import { MADE_BY, type Service, type ServiceParts } from "./service.ts";

const UNIT = "tdauth.service";

/**
 * Describes the systemd user unit (systemd.service(5)).
 *
 * @param parts What it runs.
 * @param env The environment.
 * @param home The user's home directory.
 * @returns The service.
 */
export function systemdService(
  { words, variables }: ServiceParts,
  env: Env,
  home: string,
): Service {
  const config = env("XDG_CONFIG_HOME");
  const directory = config?.startsWith("/") ? config : `${home}/.config`;
  const systemctl = (...args: string[]) => ({
    program: "systemctl",
    args: ["--user", ...args],
  });
  const environment = Object.entries(variables).map(([name, value]) =>
    `Environment=${quoted(`${name}=${value}`)}\n`
  ).join("");
  return {
    kind: "systemd user unit",
    path: `${directory}/systemd/user/${UNIT}`,
    // Exit code 2 means that the settings are wrong: trying again does not help.
    text: `# ${MADE_BY}
[Unit]
Description=tdauth: keeps access tokens fresh
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${words.map((word) => quoted(word).replaceAll("$", "$$$$")).join(" ")}
${environment}Restart=on-failure
RestartSec=30
RestartPreventExitStatus=2
UMask=0077
NoNewPrivileges=yes

[Install]
WantedBy=default.target
`,
    start: [
      systemctl("daemon-reload"),
      systemctl("enable", UNIT),
      systemctl("restart", UNIT),
    ],
    stop: [systemctl("disable", "--now", UNIT)],
    forget: [systemctl("daemon-reload")],
    show: `systemctl --user status ${UNIT}; journalctl --user -u ${UNIT}`,
  };
}

/** A word of a unit file: quotes, backslashes and specifiers have a meaning there. */
function quoted(word: string): string {
  const safe = word.replace(/["\\]/g, "\\$&").replaceAll("%", "%%");
  return `"${safe}"`;
}
