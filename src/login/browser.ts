import { TdauthError } from "../errors.ts";

/** A system that opens web pages in its own way. */
export type BrowserPlatform = "linux" | "wsl" | "darwin" | "windows";

/** How to open a page. */
export interface OpenBrowserOptions {
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
  /** Starts a program; rejects when it does not exist or fails at once. @default a real process */
  readonly spawn?: SpawnBrowser;
}

/** Starts a program and resolves as soon as it looks well. */
export type SpawnBrowser = (
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> | undefined,
) => Promise<void>;

/** How long, in milliseconds, a program may take to say that it failed. */
const GRACE = 500;
/** tdauth's own secrets, for the case that the caller gives no environment. */
const BLANKED = { TD_CONSUMER_SECRET: "", TD_ACCESS_TOKEN: "" };

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
  options: Pick<OpenBrowserOptions, "command" | "platform" | "env"> = {},
): readonly (readonly string[])[] {
  const { protocol } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") {
    throw new TypeError(`Cannot open a URL that is not http or https`);
  }
  const platform = options.platform ?? currentPlatform();
  const own = splitCommands(options.command ?? "", platform);
  if (own.length > 0) {
    return own.map((words) =>
      words.some((word) => word.includes("%s"))
        ? words.map((word) => word.split("%s").join(url))
        : [...words, url]
    );
  }
  const { env } = options;
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
 * Opens a page in the user's browser, without a shell and without waiting for
 * the browser; what it prints is thrown away.
 *
 * @param url An http or https URL.
 * @param options How to open it.
 * @throws {TypeError} When the URL is not http or https.
 * @throws {TdauthError} `browser_failed` when no browser could be started.
 */
export async function openBrowser(
  url: string,
  options: OpenBrowserOptions = {},
): Promise<void> {
  const commands = browserCommands(url, options);
  const spawn = options.spawn ?? spawnDetached;
  let cause: unknown;
  for (const [program = "", ...args] of commands) {
    try {
      return await spawn(program, args, options.env && childEnv(options.env));
    } catch (error) {
      cause = error;
      if (error instanceof Deno.errors.NotCapable) break;
    }
  }
  const tried = commands.map(([program]) => program).join(", ");
  throw new TdauthError(
    "browser_failed",
    `Cannot open a browser: ${
      commands.length === 0
        ? "this session has no screen (neither DISPLAY nor WAYLAND_DISPLAY is set)"
        : cause instanceof Deno.errors.NotCapable
        ? "this script was not given the permission (--allow-run)"
        : cause instanceof Deno.errors.NotFound
        ? `none is installed (tried ${tried})`
        : `${cause instanceof Error ? cause.message : cause} (tried ${tried})`
    }`,
    {
      hint: "open the URL by hand, or name a browser with --browser or BROWSER",
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** Nothing of tdauth's own (its secrets are named TD_…) is the browser's business. */
function childEnv(
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^TD_/i.test(name)),
  );
}

async function spawnDetached(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> | undefined,
): Promise<void> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    // A session of its own: Ctrl-C in the terminal must not close the browser.
    detached: true,
    clearEnv: env !== undefined,
    env: env ?? BLANKED,
  }).spawn();
  child.unref();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const grace = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, GRACE, undefined);
  });
  const status = await Promise.race([child.status, grace]);
  clearTimeout(timer);
  if (status !== undefined && !status.success) {
    throw new Error(`${program} failed with exit code ${status.code}`);
  }
}

function currentPlatform(): BrowserPlatform {
  const { os } = Deno.build;
  if (os === "darwin" || os === "windows") return os;
  try {
    return /microsoft|wsl/i.test(Deno.readTextFileSync("/proc/version"))
      ? "wsl"
      : "linux";
  } catch {
    return "linux"; // not allowed to look, or no /proc
  }
}

/** Splits a command, or a list of them, into words; a colon before `//` is a URL's. */
function splitCommands(text: string, platform: BrowserPlatform): string[][] {
  const separator = platform === "windows" ? /^$/ : /^:(?!\/\/)/;
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
