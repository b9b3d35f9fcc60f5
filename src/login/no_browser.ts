import type { Env } from "../system/environment.ts";
import { type BrowserPlatform, currentPlatform } from "./browser_commands.ts";

/** The variables that {@linkcode noBrowser} reads. */
export const BROWSER_VARIABLES: readonly string[] = [
  "BROWSER",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "SSH_CONNECTION",
  "WSL_DISTRO_NAME",
  "WSL_INTEROP",
];

/**
 * Returns why no browser can be opened where the user would see it. A Linux
 * needs a display, which an ssh session has if X is forwarded, and a container
 * if it was given one. Elsewhere an ssh session would open the browser on the
 * screen of a machine that the user is not at.
 *
 * @param env The environment; a `BROWSER` in it is the user's own way, as in a remote editor.
 * @param platform The system. @default {the one this runs on}
 * @returns The reason, as part of a sentence; `undefined` if one can be opened.
 */
export function noBrowser(
  env: Env,
  platform: BrowserPlatform = currentPlatform(env),
): string | undefined {
  if ((env("BROWSER") ?? "").trim() !== "") return undefined;
  const remote = Boolean(env("SSH_CONNECTION"));
  if (platform !== "linux") {
    return remote ? "this is an ssh session" : undefined;
  }
  if (env("DISPLAY") || env("WAYLAND_DISPLAY")) return undefined;
  return remote
    ? "this is an ssh session without a display"
    : "this session has no display";
}
