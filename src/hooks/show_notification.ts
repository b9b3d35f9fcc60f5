import { childEnvironment } from "../system/child_environment.ts";
import type { Env } from "../system/environment.ts";
import { isThere } from "../system/file_stat.ts";
import { OS, type Os, userId } from "../system/os.ts";
import { runGroup } from "../system/run_group.ts";
import type { ProgramCall } from "../system/run_program.ts";
import { isNotFound } from "../system/system_error.ts";
import { HOOK_LIMIT, type HookOutcome } from "./hook_outcome.ts";
import type { HookText } from "./hook_text.ts";

/** AppleScript that takes the words as arguments, and so cannot be changed by them. */
const APPLESCRIPT = [
  "on run argv",
  "display notification (item 2 of argv) with title (item 1 of argv)",
  "end run",
];

/** PowerShell that takes the words from its environment, for the same reason. */
const POWERSHELL = [
  "Add-Type -AssemblyName System.Windows.Forms",
  "$n = New-Object System.Windows.Forms.NotifyIcon",
  "$n.Icon = [System.Drawing.SystemIcons]::Information",
  "$n.Visible = $true",
  "$n.ShowBalloonTip(5000, $env:TDAUTH_TITLE, $env:TDAUTH_MESSAGE, 'Info')",
  "Start-Sleep -Seconds 5",
  "$n.Dispose()",
].join("; ");

/** The edges of {@linkcode showNotification}. */
export interface NotificationOptions {
  /** The environment. @default {the real one} */
  readonly env?: Env;
  /** The operating system. @default {this one} */
  readonly os?: Os;
  /** Kills the program. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Shows a notification on the desktop of this user.
 *
 * @param text The words.
 * @param options The edges.
 * @returns Whether that worked.
 */
export async function showNotification(
  text: HookText,
  { env, os = OS, signal }: NotificationOptions = {},
): Promise<HookOutcome> {
  const call = notificationCall(text, os);
  if (call === undefined) {
    return {
      ok: false,
      why: `there are no notifications that tdauth knows on ${os}`,
    };
  }
  const { env: tool, clearEnv } = childEnvironment("tool", {
    ...(env && { env }),
    set: { TDAUTH_TITLE: text.title, TDAUTH_MESSAGE: text.message },
  });
  try {
    const { code, stderr, stdout, timedOut } = await runGroup(call, {
      environment: { env: { ...sessionBus(), ...tool }, clearEnv },
      limit: HOOK_LIMIT,
      longest: 1000,
      signal,
    });
    return code === 0 ? { ok: true } : {
      ok: false,
      why: timedOut
        ? `${call.program} took longer than ${HOOK_LIMIT / 1000} seconds`
        : `${call.program} failed: is anybody logged in to a desktop?`,
      output: [stderr, stdout].map((one) => one.trim())
        .find((one) => one !== ""),
    };
  } catch (error) {
    return {
      ok: false,
      why: signal?.aborted
        ? "it was interrupted"
        : isNotFound(error)
        ? os === "linux"
          ? "notify-send is not installed (libnotify-bin in Debian)"
          : `there is no ${call.program}`
        : `${call.program} cannot be run`,
    };
  }
}

/**
 * Returns the program that shows a notification.
 *
 * @param text The words.
 * @param os The operating system.
 * @returns The program; `undefined` where there is none.
 */
export function notificationCall(
  { title, message }: HookText,
  os: Os,
): ProgramCall | undefined {
  switch (os) {
    case "windows":
      return {
        program: "powershell",
        args: ["-NoProfile", "-NonInteractive", "-Command", POWERSHELL],
      };
    case "darwin":
      return {
        program: "osascript",
        args: [...APPLESCRIPT.flatMap((line) => ["-e", line]), title, message],
      };
    case "linux":
    case "freebsd":
    case "netbsd":
      return {
        program: "notify-send",
        args: ["--app-name=tdauth", "--", title, escaped(message)],
      };
    default:
      return undefined;
  }
}

/** Notification servers read the message as markup (Desktop Notifications Specification, "Markup"). */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** Cron and systemd's system units do not say where the user's session is. */
function sessionBus(): Readonly<Record<string, string>> {
  const path = `/run/user/${userId()}/bus`;
  return OS === "linux" && isThere(path)
    ? { DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` }
    : {};
}
