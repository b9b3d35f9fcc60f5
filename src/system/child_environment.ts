import { type Env, realEnv, realEnvironment } from "./environment.ts";

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
  /** The variables that no child may see; a tool sees none of tdauth's. */
  readonly secrets?: readonly string[];
  /** Looks up what a tool needs. @default {the real environment} */
  readonly env?: Env;
  /** The whole environment, for the other two. @default {the real one} */
  readonly all?: Readonly<Record<string, string>> | undefined;
  /** Variables for the child only. @default {none} */
  readonly set?: Readonly<Record<string, string>>;
}

/** The environment of a child process. */
export interface ChildEnvironment {
  /** Its variables. */
  readonly env: Record<string, string>;
  /** Whether these are all. */
  readonly clearEnv: boolean;
}

/**
 * Returns the environment for a child process, which never contains a secret of
 * tdauth's: a tool gets the few variables that it needs and a fixed language, so
 * that its output can be compared, a viewer everything but tdauth's own variables
 * (`TD_…`), a command the settings as well.
 *
 * @param child What the child is for.
 * @param options Where variables come from, and which are added.
 * @returns The environment.
 */
export function childEnvironment(
  child: "tool",
  options?: ChildEnvironmentOptions,
): ChildEnvironment;
export function childEnvironment(
  child: Child,
  options: ChildEnvironmentOptions & { readonly secrets: readonly string[] },
): ChildEnvironment;
export function childEnvironment(
  child: Child,
  options: ChildEnvironmentOptions = {},
): ChildEnvironment {
  const { env = realEnv, all = realEnvironment(), secrets = [], set } = options;
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
  // Without the permission to read all variables, the secret ones can still be kept from the child.
  if (all === undefined) {
    const blanks = Object.fromEntries(secrets.map((name) => [name, ""]));
    return { env: { ...blanks, ...set }, clearEnv: false };
  }
  const kept = Object.entries(all).filter(([name]) =>
    child === "viewer"
      ? !/^TD_/i.test(name)
      : !secrets.includes(name.toUpperCase())
  );
  return { env: { ...Object.fromEntries(kept), ...set }, clearEnv: true };
}
