import { TdauthError } from "../base/errors.ts";
import { isEndpoint } from "../base/loopback.ts";
import { shellWord } from "../base/shell_word.ts";
import { isAbsolute } from "../system/config_dir.ts";
import type { Hook, HookAction } from "./hook.ts";
import {
  HOOK_EVENT_NAMES,
  HOOK_EVENTS,
  type HookEventName,
  isHookEventName,
} from "./hook_event.ts";

/** What a hook does, each with an example. */
const ACTIONS: Readonly<Record<string, string>> = {
  run: '"run": ["/home/me/bin/tell-me", "--quick"]',
  notify: '"notify": true',
  url: '"url": "https://ntfy.sh/a-name-that-is-hard-to-guess"',
};
const KEYS: readonly string[] = ["on", "profiles", ...Object.keys(ACTIONS)];

/** A line for `config.json`, to paste. */
export const HOOKS_EXAMPLE: string =
  '"hooks": [{ "notify": true }, { "url": "https://ntfy.sh/a-name-that-is-hard-to-guess" }]';

/**
 * Parses the `hooks` of `config.json`.
 *
 * @param value The value of that key; `undefined` when it is absent.
 * @param path The file, for errors.
 * @returns The hooks, in order.
 * @throws {TdauthError} `invalid_options`, which says which hook is wrong, and where.
 */
export function parseHooks(value: unknown, path: string): readonly Hook[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use the hooks in "${path}": "hooks" is not a list`,
      { hint: `write it like ${HOOKS_EXAMPLE}` },
    );
  }
  return value.map((one: unknown, at) => parseHook(one, at + 1, path));
}

function parseHook(value: unknown, number: number, path: string): Hook {
  const problem: Problem = (key, why) =>
    new TdauthError(
      "invalid_options",
      `Cannot use hook ${number} in "${path}": ${
        key === undefined ? "" : `"${key}" `
      }${why}`,
      { hint: hintFor(key) },
    );
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw problem(undefined, "it is not an object");
  }
  const hook: Readonly<Record<string, unknown>> = { ...value };
  const unknown = Object.keys(hook).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw problem(unknown, "is not a key of hooks");
  }
  const actions = Object.keys(ACTIONS).filter((key) => key in hook);
  if (actions.length !== 1) {
    throw problem(
      undefined,
      actions.length === 0
        ? "it does nothing"
        : `it has both ${actions.map((key) => `"${key}"`).join(" and ")}`,
    );
  }
  return {
    number,
    on: parseEvents(hook["on"], problem),
    profiles: parseProfiles(hook["profiles"], problem),
    ...parseAction(hook, problem),
  };
}

/** Makes the error for a key of a hook, or for the hook. */
type Problem = (key: string | undefined, why: string) => TdauthError;

/** What to write for a key, or for the hook. */
function hintFor(key: string | undefined): string {
  switch (key) {
    case undefined:
      return `give it one of ${Object.keys(ACTIONS).join(", ")}: { ${
        ACTIONS["run"]
      } }`;
    case "on":
      return `the events are ${HOOK_EVENT_NAMES.join(", ")}`;
    case "profiles":
      return 'write it like "profiles": ["default"], or leave it out for all';
    case "run":
      return `write the program (an absolute path, or a name on the PATH) and each of its arguments as texts: ${
        ACTIONS["run"]
      }`;
    case "notify":
      return "write true, or remove the hook";
    case "url":
      return `write it like ${ACTIONS["url"]}`;
    default:
      return `the keys are ${KEYS.join(", ")}`;
  }
}

function parseEvents(
  value: unknown,
  problem: Problem,
): readonly HookEventName[] {
  if (value === undefined) {
    return HOOK_EVENT_NAMES.filter((name) => HOOK_EVENTS[name].byDefault);
  }
  if (!Array.isArray(value)) {
    throw problem("on", "is not a list of events");
  }
  const events: unknown[] = value;
  const unknown = events.find((one) => !isHookEventName(one));
  if (unknown !== undefined) {
    throw problem("on", `has ${JSON.stringify(unknown)}: no such event`);
  }
  if (events.length === 0) {
    throw problem("on", "is empty: the hook hears of nothing");
  }
  return events.filter(isHookEventName);
}

function parseProfiles(
  value: unknown,
  problem: Problem,
): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const names = texts(value);
  if (names === undefined || names.length === 0) {
    throw problem("profiles", "is not a list of names");
  }
  return names;
}

function parseAction(
  { run, notify, url }: Readonly<Record<string, unknown>>,
  problem: Problem,
): HookAction {
  if (run !== undefined) {
    const [program, ...args] = texts(run) ?? [];
    if (program === undefined || program === "") {
      throw problem("run", "is not a list of texts");
    }
    if (!isAbsolute(program) && /[/\\]/.test(program)) {
      throw problem(
        "run",
        `has ${
          shellWord(program)
        }: a relative path depends on the working directory, and no shell replaces ~`,
      );
    }
    return { run: [program, ...args] };
  }
  if (notify !== undefined) {
    if (notify !== true) {
      throw problem("notify", "is not true");
    }
    return { notify };
  }
  if (typeof url !== "string" || !isEndpoint(url)) {
    // The URL is not repeated: all who know the name of a topic can read it.
    throw problem(
      "url",
      "is not an https URL without a user name and a fragment (http only on this machine)",
    );
  }
  return { url };
}

/** The texts of a list, if it has nothing else. A zero byte would end an argument. */
function texts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const all: unknown[] = value;
  const found = all.filter((one): one is string =>
    typeof one === "string" && !one.includes("\0")
  );
  return found.length === all.length ? found : undefined;
}
