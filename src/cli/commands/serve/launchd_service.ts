import { shellWord } from "../../../base/shell_word.ts";
import { MADE_BY, type Service, type ServiceParts } from "./service.ts";

const LABEL = "tdauth.serve";

/**
 * Describes the launchd agent of macOS (launchd.plist(5)).
 *
 * @param parts What it runs.
 * @param home The user's home directory.
 * @param uid The user's id.
 * @returns The service.
 */
export function launchdService(
  { words, variables }: ServiceParts,
  home: string,
  uid: number,
): Service {
  const path = `${home}/Library/LaunchAgents/${LABEL}.plist`;
  const launchctl = (...args: string[]) => ({ program: "launchctl", args });
  const log = `${home}/Library/Logs/tdauth-serve.log`;
  const strings = words.map((word) => `    <string>${xml(word)}</string>\n`);
  const environment = Object.entries(variables).map(([name, value]) =>
    `    <key>${xml(name)}</key>\n    <string>${xml(value)}</string>\n`
  );
  return {
    kind: "launchd agent",
    path,
    text: `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${MADE_BY} -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${strings.join("")}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${environment.join("")}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>30</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardErrorPath</key>
  <string>${xml(log)}</string>
</dict>
</plist>
`,
    // One that is loaded still has the old file in mind.
    start: [
      { ...launchctl("bootout", `gui/${uid}/${LABEL}`), mayFail: true },
      launchctl("bootstrap", `gui/${uid}`, path),
    ],
    stop: [{ ...launchctl("bootout", `gui/${uid}/${LABEL}`), mayFail: true }],
    forget: [],
    show: `launchctl print gui/${uid}/${LABEL}; cat ${shellWord(log)}`,
  };
}

function xml(text: string): string {
  return text.replace(/[&<>]/g, (one) => `&#${one.charCodeAt(0)};`);
}
