// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when a test, a tool, a benchmark or an example uses a path or a port that
 * two runs would share: in parallel on one machine, after a killed one, or as two
 * users. Such a test passes alone and fails next to others.
 */
import { fileURLToPath } from "node:url";
import { sourceFiles } from "./source_files.ts";

/** Shared names, outside of a comment, and what to use instead. */
const SHARED: readonly { readonly what: RegExp; readonly instead: string }[] = [
  {
    what: /(?<=["'`=\s:])\/(?:tmp|var\/tmp|dev\/shm|run\/user)(?=[/"'`\s])/,
    instead: "a fixed temporary path: use temporaryDirectory()",
  },
  {
    what:
      /\benv\.get\(\s*["'](?:TMPDIR|TMP|TEMP)["']|\btmpdir\(\)|\$\{?TMPDIR\b/,
    instead:
      "the directory that all share for temporary files: use temporaryDirectory()",
  },
  {
    // A fixed name in the tree: two runs overwrite each other, and another user cannot write.
    what:
      /\b(?:writeTextFile|writeFile|mkdir)(?:Sync)?\(\s*(?:["'`](?![/$])|new URL\()/,
    instead: "a path in the tree itself: use temporaryDirectory()",
  },
  {
    what:
      /\b(?:listen|listenTls|serve|createServer)\((?:[^(){}]*\{)?[^(){}]*\bport:\s*(?!0\b)\d/,
    instead: "a fixed port: use port 0, or reservePort()",
  },
  {
    what: /\.listen\(\s*(?!0\b)\d/,
    instead: "a fixed port: use port 0, or reservePort()",
  },
  {
    what:
      /\bDeno\.serve\((?!\s*\{)|\bDeno\.serve\(\s*\{(?![^}]*\b(?:port|path)\b)/,
    instead: "a fixed port, for Deno has a default: use port 0",
  },
  {
    // The system assigns such a port again, to the next process that asks for any.
    what:
      /\{ port \} = (\w+)\.addr[^;]*;\s*\1\.close\(\)|\.close\(\);\s*return \w+\.addr\.port/,
    instead:
      "a port that is free for anybody again: use reservePort(), or the port 0 in the practice broker's callback URL",
  },
  {
    what: /\btmux\b[^;]*["']-[sLS]["'],\s*["'][\w-]+["']/,
    instead: "a fixed name of a session: put Deno.pid into it",
  },
];

/** The exceptions, with the reason. */
const ALLOWED: readonly {
  readonly path: string;
  readonly text: string;
  readonly reason: string;
}[] = [
  {
    path: "tests/system/config_dir_test.ts",
    text: 'TMPDIR: "/tmp"',
    reason: "a variable that is handed over; nothing is made there",
  },
  {
    path: "tests/install/check_shared_test.ts",
    text: "",
    reason: "samples of what this rule finds",
  },
  { path: "tools/check_shared.ts", text: "", reason: "this rule itself" },
  {
    path: "tools/man.ts",
    text: "Deno.mkdirSync(new URL(",
    reason: "--write brings the page in the tree up to date, by hand",
  },
];

/**
 * Finds names in a file that two runs would share.
 *
 * @param path The file's path.
 * @param text The file's text.
 * @returns The problems, a line for each place.
 */
export function shared(path: string, text: string): string[] {
  const code = text.replace(
    /\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*$/gm,
    (comment) => comment.replace(/[^\n]/g, " "),
  );
  return SHARED.flatMap(({ what, instead }) =>
    [...code.matchAll(new RegExp(what, "g"))].flatMap(({ index }) => {
      const line = code.slice(0, index).split("\n").length;
      const whole = code.split("\n")[line - 1] ?? "";
      const allowed = ALLOWED.some((one) =>
        one.path === path && whole.includes(one.text)
      );
      return allowed ? [] : [`${path}:${line} has ${instead}`];
    })
  );
}

function check(): void {
  const root = new URL("../", import.meta.url);
  const files = sourceFiles("tests", "tools", "bench", "examples");
  const problems = files.flatMap((path) =>
    shared(path, Deno.readTextFileSync(fileURLToPath(new URL(path, root))))
  );
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    Deno.exit(1);
  }
  console.log(`shared names: ${files.length} files have none`);
}

if (import.meta.main) check();
