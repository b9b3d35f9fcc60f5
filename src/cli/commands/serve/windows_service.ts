import type { Service, ServiceParts } from "./service.ts";

const TASK = "tdauth serve";

/**
 * Describes the scheduled task of Windows, which the system keeps itself.
 *
 * @param parts What it runs.
 * @returns The service.
 */
export function windowsService({ words, variables }: ServiceParts): Service {
  const line = words.map(quoted).join(" ");
  const set = Object.entries(variables)
    .map(([name, value]) => `set "${name}=${value}"&& `).join("");
  const run = set === "" ? line : `cmd /c ${quoted(`${set}${line}`)}`;
  const schtasks = (...args: string[]) => ({ program: "schtasks", args });
  return {
    kind: "scheduled task",
    path: undefined,
    text: `${TASK}, at logon: ${run}\n`,
    start: [
      schtasks("/Create", "/F", "/SC", "ONLOGON", "/TN", TASK, "/TR", run),
      schtasks("/Run", "/TN", TASK),
    ],
    stop: [
      { ...schtasks("/End", "/TN", TASK), mayFail: true },
      schtasks("/Delete", "/F", "/TN", TASK),
    ],
    forget: [],
    show: `schtasks /Query /V /FO LIST /TN "${TASK}"`,
  };
}

function quoted(word: string): string {
  return /^[\w.:\\/-]+$/.test(word) ? word : `"${word.replaceAll('"', '\\"')}"`;
}
