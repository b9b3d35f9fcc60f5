/** What the tests of the install scripts share: a user's machine, and a server with releases. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Result, Running } from "../cli/process.ts";
import { temporaryDirectory } from "../support.ts";

/** The script that is tested. */
export const SCRIPT: string = fileURLToPath(
  new URL("../../install.sh", import.meta.url),
);

/** What the script may use of the system; a test takes some away. */
const TOOLS = [
  "cat",
  "chmod",
  "curl",
  "getconf",
  "mkdir",
  "mktemp",
  "mv",
  "rm",
  "rmdir",
  "sed",
  "sha256sum",
  "shasum",
  "openssl",
  "uname",
  "wget",
] as const;

/** One of the programs the script may use. */
export type ProgramCall = typeof TOOLS[number];

/** Where a program is on this machine. */
export function find(program: string): string | undefined {
  for (const directory of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = `${directory}/${program}`;
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch {
      // not here
    }
  }
  return undefined;
}

/** A program that says its version, and nothing else. */
export function program(version: string): string {
  return `#!/bin/sh\necho "tdauth ${version}"\n`;
}

/** What the server does with a request of its own kind. */
export type Answer = (request: Request) => Response | Promise<Response>;

/** A server with releases, addressed as GitHub's are. */
export interface Releases extends AsyncDisposable {
  readonly url: string;
  /** What was asked for, in order. */
  readonly requests: string[];
  /** Makes a release of files by name, with their checksums; the last one is the latest. */
  publish(version: string, files: Readonly<Record<string, string>>): void;
  /** Answers one path in a way of its own, such as `download/v1.0.0/SHA256SUMS`. */
  answer(path: string, answer: Answer): void;
}

/** Starts a {@linkcode Releases} server on loopback. */
export function startReleases(
  tls?: { readonly cert: string; readonly key: string },
): Releases {
  const answers = new Map<string, Answer>();
  const requests: string[] = [];
  let latest = "";
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, ...tls },
    (request) => {
      const path = new URL(request.url).pathname.slice(1);
      requests.push(path);
      const file = path.match(/^latest\/download\/(.+)$/)?.[1];
      if (file !== undefined) {
        return new Response(null, {
          status: 302,
          headers: { location: `/download/v${latest}/${file}` },
        });
      }
      return answers.get(path)?.(request) ??
        new Response("Not Found", { status: 404 });
    },
  );
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${server.addr.port}`,
    requests,
    publish(version, files) {
      latest = version;
      const path = `download/v${version}`;
      for (const [name, text] of Object.entries(files)) {
        answers.set(`${path}/${name}`, () => new Response(text));
      }
      answers.set(`${path}/SHA256SUMS`, async () => {
        const lines = await Promise.all(
          Object.entries(files).map(async ([name, text]) =>
            `${await sha256(text)}  ${name}\n`
          ),
        );
        return new Response(lines.join(""));
      });
    },
    answer: (path, answer) => void answers.set(path, answer),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(text),
  );
  return new Uint8Array(hash).toHex();
}

/** How to run the script. */
export interface RunOptions {
  /** What is piped into the shell instead of starting the file. */
  readonly script?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Words before the shell, such as another user's. */
  readonly under?: readonly string[];
}

/** A user's machine: a home, a working and a temporary directory, and the system's programs. */
export interface Place extends AsyncDisposable {
  readonly root: string;
  readonly home: string;
  /** Where the script installs by default. */
  readonly target: string;
  /** The directory that PATH names. */
  readonly bin: string;
  without(...tools: readonly ProgramCall[]): void;
  /** Puts a program of the test's own in the place of the system's. */
  fake(name: string, script: string): void;
  start(
    shell: readonly string[],
    args: readonly string[],
    options?: RunOptions,
  ): Running;
  /** Runs the script to its end, and checks that it wrote nothing beside `target`. */
  run(
    shell: readonly string[],
    args: readonly string[],
    options?: RunOptions,
  ): Promise<Result>;
}

/** Makes a {@linkcode Place} for a server. */
export function startPlace(releases: Releases): Place {
  const directory = temporaryDirectory();
  const root = directory.path;
  const [home, cwd, tmp, bin] = ["home", "work", "tmp", "bin"].map((name) => {
    const path = `${root}/${name}`;
    Deno.mkdirSync(path);
    return path;
  }) as [string, string, string, string];
  for (const tool of TOOLS) {
    const path = find(tool);
    if (path !== undefined) Deno.symlinkSync(path, `${bin}/${tool}`);
  }
  const target = `${home}/.local/bin`;
  const place: Place = {
    root,
    home,
    target,
    bin,
    without(...tools) {
      for (const tool of tools) {
        try {
          Deno.removeSync(`${bin}/${tool}`);
        } catch {
          // this system has none
        }
      }
    },
    fake(name, script) {
      try {
        Deno.removeSync(`${bin}/${name}`);
      } catch {
        // there was none
      }
      Deno.writeTextFileSync(`${bin}/${name}`, `#!/bin/sh\n${script}\n`, {
        mode: 0o755,
      });
    },
    start(shell, args, { script, env = {}, under = [] } = {}) {
      const [program = "", ...words] = [
        ...under,
        ...shell,
        ...(script === undefined ? [SCRIPT] : ["-s", "--"]),
        ...args,
      ];
      const all = {
        PATH: bin,
        HOME: home,
        TMPDIR: tmp,
        SHELL: "/bin/sh",
        LC_ALL: "C",
        TDAUTH_RELEASES: releases.url,
        ...env,
      };
      const running = new Running(program, {
        args: words,
        cwd,
        env: Object.fromEntries(
          Object.entries(all).filter((entry): entry is [string, string] =>
            entry[1] !== undefined
          ),
        ),
      });
      if (script !== undefined) {
        running.write(script).then(() => running.closeInput());
      }
      return running;
    },
    async run(shell, args, options) {
      const before = listing(root, target);
      const result = await place.start(shell, args, options).result;
      assert.deepEqual(listing(root, target), before);
      return result;
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
  return place;
}

/** Every file and directory below one, files with size and time, but for what is in `except` and the way there. */
export function listing(root: string, except = ""): string[] {
  return [...Deno.readDirSync(root)].flatMap((entry) => {
    const path = `${root}/${entry.name}`;
    if (path === except) return [];
    if (entry.isDirectory) {
      const way = except.startsWith(`${path}/`);
      return [...(way ? [] : [path]), ...listing(path, except)];
    }
    const { size, mtime } = Deno.lstatSync(path);
    return [`${path} ${size} ${mtime?.getTime()}`];
  }).sort();
}
