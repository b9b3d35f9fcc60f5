import { type Env, isWsl, realEnv } from "../system/environment.ts";
import { OS } from "../system/os.ts";

/** A system that opens web pages in its own way. */
export type BrowserPlatform = "linux" | "wsl" | "darwin" | "windows";

/** What decides on the commands. */
export interface BrowserCommandsOptions {
  /**
   * The command to use instead of the system's browser, from `--browser` or
   * `BROWSER`: words, in quotes where they have spaces. `%s` stands for the
   * URL, which is appended otherwise. Except on Windows, several commands may
   * be separated by colons and are tried in turn. Blank means none.
   */
  readonly command?: string;
  /** The system. @default the one this runs on */
  readonly platform?: BrowserPlatform;
  /**
   * The environment for the browser; variables that begin with `TD_` are left
   * out. @default the environment of this process with tdauth's secrets blanked
   */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Lists the commands that could open a page, in the order to try them.
 *
 * @param url An http or https URL.
 * @param options How to open it.
 * @returns Programs with their arguments; none where there is no screen to open a page on.
 * @throws {TypeError} When the URL is not http or https.
 */
export function browserCommands(
  url: string,
  options: BrowserCommandsOptions = {},
): readonly (readonly string[])[] {
  const { protocol } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") {
    throw new TypeError(`Cannot open a URL that is not http or https`);
  }
  const { env } = options;
  const platform = options.platform ??
    currentPlatform(env && ((name) => env[name]));
  const own = splitCommands(options.command ?? "", platform);
  if (own.length > 0) {
    return own.map((words) =>
      words.some((word) => word.includes("%s"))
        ? words.map((word) => word.split("%s").join(url))
        : [...words, url]
    );
  }
  switch (platform) {
    case "darwin":
      return [["open", url]];
    case "windows":
      return [["rundll32", "url.dll,FileProtocolHandler", url]];
    case "wsl":
      return [
        ["wslview", url],
        [
          "/mnt/c/Windows/System32/rundll32.exe",
          "url.dll,FileProtocolHandler",
          url,
        ],
        ["xdg-open", url],
      ];
    case "linux":
      if (env && !env["DISPLAY"] && !env["WAYLAND_DISPLAY"]) return [];
      return [
        ["xdg-open", url],
        ["sensible-browser", url],
        ["x-www-browser", url],
        ["www-browser", url],
      ];
  }
}

/**
 * Says which system this is; a Linux under Windows (WSL) is one of its own.
 *
 * @param env The environment, which says so.
 * @returns The system.
 */
export function currentPlatform(env: Env = realEnv): BrowserPlatform {
  if (OS === "darwin" || OS === "windows") return OS;
  return isWsl(env) ? "wsl" : "linux";
}

/** Splits a command, or a list of them, into words; a colon before `//` is a URL's, one before `@` a `jsr:` or `npm:` package's. */
function splitCommands(text: string, platform: BrowserPlatform): string[][] {
  const separator = platform === "windows" ? /^$/ : /^:(?!\/\/|@)/;
  const commands: string[][] = [[]];
  let word: string | undefined;
  const endWord = () => {
    if (word !== undefined) commands.at(-1)?.push(word);
    word = undefined;
  };
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '"' || character === "'") {
      const end = text.indexOf(character, index + 1);
      const stop = end === -1 ? text.length : end;
      word = (word ?? "") + text.slice(index + 1, stop);
      index = stop;
    } else if (/\s/.test(character)) {
      endWord();
    } else if (separator.test(text.slice(index, index + 3))) {
      endWord();
      commands.push([]);
    } else {
      word = (word ?? "") + character;
    }
  }
  endWord();
  return commands.filter((words) => words.length > 0);
}
