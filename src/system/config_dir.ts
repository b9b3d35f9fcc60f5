import { type Env, realEnv } from "./environment.ts";

/**
 * Returns the platform's configuration directory for tdauth:
 * `$XDG_CONFIG_HOME/tdauth` or `~/.config/tdauth` (XDG Base Directory
 * Specification; also for a Mac user who sets `XDG_CONFIG_HOME`),
 * `~/Library/Application Support/tdauth` on macOS, `%APPDATA%\tdauth` on Windows.
 *
 * @param env The environment.
 * @param os The operating system.
 * @returns An absolute path, which need not exist yet; `undefined` when the home
 * directory is unknown: tokens never go into a temporary directory instead.
 */
export function platformConfigDir(
  env: Env = realEnv,
  os: string = Deno.build.os,
): string | undefined {
  if (os === "windows") {
    const appData = env("APPDATA");
    if (appData !== undefined) return `${appData}\\tdauth`;
    return undefined;
  }
  const xdg = env("XDG_CONFIG_HOME");
  // The specification says that a relative path here must be ignored.
  if (xdg?.startsWith("/")) return `${xdg}/tdauth`;
  const home = env("HOME");
  if (!home?.startsWith("/")) return undefined;
  return os === "darwin"
    ? `${home}/Library/Application Support/tdauth`
    : `${home}/.config/tdauth`;
}

/** Whether a path is absolute, on this or another platform. */
export function isAbsolute(path: string): boolean {
  return path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path) ||
    path.startsWith("\\\\");
}

/** A directory's path without separators at its end, so that a file's name can follow. */
export function withoutSlash(directory: string): string {
  return directory.replace(/(.)[/\\]+$/, "$1");
}

/**
 * Returns the name of an app's token file: the consumer key as the user set it,
 * as in pyTD, after the profile's name unless that is `default`. Characters that
 * a file name cannot hold on some platform are percent-encoded, and so is the
 * first character of a name that has another meaning here.
 *
 * @param consumerKey The consumer key as the user set it.
 * @param profile The profile. Default: `default`.
 * @returns The name, without a directory.
 */
export function tokenFileName(
  consumerKey: string,
  profile = "default",
): string {
  const name = profile === "default"
    ? consumerKey
    : `${profile}.${consumerKey}`;
  // The rules below take longer to start than all else on the way to a cached token.
  if (isPlain(name)) return name;
  // deno-lint-ignore no-control-regex -- control characters are what cannot be in a name
  const safe = name.replace(/[\x00-\x1f\x7f%/\\:*?"<>|]|[ .]$/g, percent);
  return /^(\.|config\.json$|certificate\.json$|trust\.json$|ca\.pem$|run$|serve\.(?:lock|state)$|(con|prn|aux|nul|com\d|lpt\d)(\.|$))/i
      .test(safe)
    ? percent(safe.slice(0, 1)) + safe.slice(1)
    : safe;
}

/** Whether a name has only letters and digits, apart from `@AMER.OAUTHAP`, and is long enough to have no other meaning. */
function isPlain(name: string): boolean {
  const end = name.endsWith("@AMER.OAUTHAP") ? name.length - 13 : name.length;
  for (let at = 0; at < end; at++) {
    const c = name.charCodeAt(at);
    const plain = (c > 47 && c < 58) || (c > 64 && c < 91) ||
      (c > 96 && c < 123);
    if (!plain) return false;
  }
  return end > 4;
}

function percent(character: string): string {
  return `%${
    character.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()
  }`;
}
