/** A look-up of environment variables; injected so that tests need no real environment. */
export type Env = (name: string) => string | undefined;

/**
 * The real environment. A variable that the script has no permission to read is
 * absent: who runs it chose to keep it out.
 *
 * @param name The variable.
 * @returns Its value, or `undefined` when it is unset or empty.
 */
export function realEnv(name: string): string | undefined {
  try {
    return Deno.env.get(name) || undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/**
 * The whole real environment, for a child process.
 *
 * @returns The variables, or `undefined` when the script may not read all of them.
 */
export function realEnvironment(): Record<string, string> | undefined {
  try {
    return Deno.env.toObject();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/** tdauth's own secrets, and the token that `tdauth exec` hands on. */
const SECRETS: readonly string[] = [
  "TD_CONSUMER_SECRET",
  "TD_CACHE_KEY",
  "TD_CACHE_PASSPHRASE",
  "TD_ACCESS_TOKEN",
];

/** What the system's own tools need to run and to find the user's session. */
const FOR_TOOLS: readonly string[] = [
  ...["PATH", "HOME", "USER", "LOGNAME", "LANG"],
  ...["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"],
  ...["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY"],
  ...["SystemRoot", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP"],
];

/**
 * What a child process is for: a `tool` of the system, whose output is read; a
 * `viewer`, which shows the user something and starts programs of its own, such
 * as a browser or a pager; a `command` that the user has tdauth run.
 */
export type Child = "tool" | "viewer" | "command";

/** Options of {@linkcode childEnvironment}. */
export interface ChildEnvironmentOptions {
  /** Looks up what a tool needs. @default {the real environment} */
  readonly env?: Env;
  /** The whole environment, for the other two. @default {the real one} */
  readonly all?: Readonly<Record<string, string>> | undefined;
  /** Variables for the child alone. @default {none} */
  readonly set?: Readonly<Record<string, string>>;
}

/** The environment of a child process, as options of `Deno.Command`. */
export interface ChildEnvironment {
  /** Its variables. */
  readonly env: Record<string, string>;
  /** Whether these are all. */
  readonly clearEnv: boolean;
}

/**
 * The environment for a child process, which never holds a secret of tdauth's: a
 * tool gets the few variables that it needs and a language whose words can be
 * compared, a viewer everything but what is tdauth's own (`TD_…`), a command the
 * settings as well.
 *
 * @param child What the child is for.
 * @param options Where variables come from, and which are added.
 * @returns The environment.
 */
export function childEnvironment(
  child: Child,
  options: ChildEnvironmentOptions = {},
): ChildEnvironment {
  const { env = realEnv, all = realEnvironment(), set } = options;
  if (child === "tool") {
    const needed = FOR_TOOLS.flatMap((name) => {
      const value = env(name);
      return value === undefined ? [] : [[name, value]];
    });
    return {
      env: { ...Object.fromEntries(needed), LC_ALL: "C", ...set },
      clearEnv: true,
    };
  }
  // Who may not read all variables can still keep the secret ones from being inherited.
  if (all === undefined) {
    const blanks = Object.fromEntries(SECRETS.map((name) => [name, ""]));
    return { env: { ...blanks, ...set }, clearEnv: false };
  }
  const kept = Object.entries(all).filter(([name]) =>
    child === "viewer"
      ? !/^TD_/i.test(name)
      : !SECRETS.includes(name.toUpperCase())
  );
  return { env: { ...Object.fromEntries(kept), ...set }, clearEnv: true };
}

/**
 * Whether this is a Linux under Windows (WSL), by what WSL sets: /proc, which
 * says it too, is not shown to the executable.
 *
 * @param env The environment.
 */
export function isWsl(env: Env = realEnv): boolean {
  return env("WSL_DISTRO_NAME") !== undefined ||
    env("WSL_INTEROP") !== undefined;
}

/**
 * The platform's configuration directory for tdauth: `$XDG_CONFIG_HOME/tdauth`
 * or `~/.config/tdauth` (XDG Base Directory Specification; also for a Mac user
 * who sets `XDG_CONFIG_HOME`), `~/Library/Application Support/tdauth` on macOS,
 * `%APPDATA%\tdauth` on Windows.
 *
 * @param env The environment.
 * @param os The operating system.
 * @returns An absolute path, which need not exist yet; `undefined` when the home
 * directory is unknown: tokens are never put in a temporary directory instead.
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

/** Whether a path is absolute, on this platform or by its looks on another. */
export function isAbsolute(path: string): boolean {
  return path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path) ||
    path.startsWith("\\\\");
}

/**
 * The name of the file that holds an app's tokens: the consumer key as the user
 * gave it, as in pyTD, after the profile's name unless that is `default`.
 * Characters that a file name cannot hold on some platform are percent-encoded,
 * and so is the first character of a name that means something else here.
 *
 * @param consumerKey The consumer key as given.
 * @param profile The profile. Default: `default`.
 * @returns A name without directory.
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
  return /^(\.|config\.json$|certificate\.json$|trust\.json$|ca\.pem$|(con|prn|aux|nul|com\d|lpt\d)(\.|$))/i
      .test(safe)
    ? percent(safe.slice(0, 1)) + safe.slice(1)
    : safe;
}

/** Whether a name has letters and digits alone, but for `@AMER.OAUTHAP`, and is long enough to mean nothing else. */
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
