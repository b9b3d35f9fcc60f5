/** What the tests of the whole program share: a user's machine with `tdauth` and a practice broker on it. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from "../../src/sandbox/mod.ts";
import { modulesCommand } from "../../src/base/called.ts";
import { commandLine } from "../../src/base/hint.ts";
import { reservePort, temporaryDirectory } from "../support.ts";
import { type Result, Running } from "./process.ts";
import { nothingLeft, processesAt } from "./processes.ts";
import { inTerminal } from "./terminals.ts";
import {
  collect,
  refuseSecrets,
  withoutToken,
  withoutTokens,
} from "./secrets.ts";
import { deno, denoEnvironment, denoLine } from "../../tools/deno.ts";

export type { Result } from "./process.ts";
export { Running } from "./process.ts";

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));

/** What the machines' `tdauth` is: from source, run by this Deno, unless {@linkcode useProgram} has said otherwise. */
let tdauth: readonly [string, ...string[]] = deno("run", "-A", CLI);

/** What that `tdauth` needs in its environment, on any machine. */
let programEnv: Readonly<Record<string, string>> = {};

/** Lets all machines of this test file run another `tdauth`: an executable, or a command line. */
export function useProgram(
  program: string | readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): void {
  tdauth = typeof program === "string" ? [program] : program;
  programEnv = env;
}

/** What a child needs of the real environment to run at all. */
const NEEDED = [
  "PATH",
  "SSL_CERT_FILE",
  "DENO_TLS_CA_STORE",
  "DENO_COVERAGE_DIR",
];

/** A command for `--browser`: the scripted user who agrees. */
export const APPROVE = denoLine(
  "run",
  "-A",
  CLI,
  "sandbox",
  "--approve",
);
/** A command for `--browser`: the scripted user who does not. */
export const DENY = denoLine(
  "run",
  "-A",
  fileURLToPath(new URL("deny.ts", import.meta.url)),
);

/** A token file as pyTD reads it, and tdauth's own keys. */
export interface TokenFile {
  access_token: { token: string; access_time: number; expires_in: number };
  refresh_token: { token: string; access_time: number; expires_in: number };
  [key: string]: unknown;
}

/** How to run a command. */
export interface RunOptions {
  /** Variables beside those that every child has; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What is piped in. @default {nothing} */
  readonly stdin?: string;
  /** Whether it is this command's job to print the access token on stdout. @default {false} */
  readonly printsToken?: boolean;
  /** Whether it is this command's job to print all tokens on stdout. @default {false} */
  readonly printsBoth?: boolean;
  /** Whether it runs in a terminal of its own; all that it shows is then on stdout. @default {false} */
  readonly terminal?: boolean;
  /** A shell's words before the command, which it runs with `exec "$@"`. */
  readonly under?: string;
  /** The working directory. @default {the machine's `cwd`} */
  readonly cwd?: string;
  /** As for {@linkcode Running}. */
  readonly killAfter?: number;
}

/** Options of {@linkcode startMachine}, beside the practice broker's own. */
export interface MachineOptions extends SandboxOptions {
  /** The callback URL's scheme. @default {https at Schwab, http at TD Ameritrade} */
  readonly scheme?: "http" | "https";
  /** The callback URL's host. @default {"127.0.0.1"} */
  readonly host?: string;
}

/** A home directory, a working directory, a practice broker and a free callback port. */
export interface Machine extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly port: number;
  readonly home: string;
  readonly cwd: string;
  /** Where tdauth keeps its files on this machine. */
  readonly configDir: string;
  /** The default profile's token file. */
  readonly tokenPath: string;
  /** Both entries of the token file, whatever stands beside them. */
  readonly storedTokens: () => unknown;
  /** Variables that say all about the practice broker's app. */
  readonly appEnv: Readonly<Record<string, string>>;
  /** The words that start `tdauth` here and all of its environment, for a program that starts it. */
  readonly tdauth: {
    readonly words: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
  /** Texts that no command may show; tokens on disk are added by themselves. */
  readonly secrets: Set<string>;
  /** Starts `tdauth` and does not wait. */
  start(args: readonly string[], options?: RunOptions): Running;
  /** Runs `tdauth` to its end. */
  run(args: readonly string[], options?: RunOptions): Promise<Result>;
  /** Logs in without the program, for tests of what comes after; `file` is the token file's name. */
  signIn(file?: string): Promise<TokenFile>;
  readTokens(path?: string): TokenFile;
  /** Moves the stored tokens' times back, as if they had been got so many seconds ago. */
  age(token: "access_token" | "refresh_token", seconds: number): void;
  readConfig(): { profiles: Record<string, Record<string, string>> };
  writeConfig(profiles: Record<string, Record<string, string>>): void;
  /** Processes that this machine's commands have started and that still run. */
  processes(): number[];
}

/** Sets a machine up; its end checks that nothing was left running. */
export async function startMachine(
  options: MachineOptions = {},
): Promise<Machine> {
  const { scheme, host = "127.0.0.1", ...rest } = options;
  const broker = rest.broker ?? "schwab";
  const stack = new AsyncDisposableStack();
  const directory = stack.use(temporaryDirectory());
  const { port } = stack.use(reservePort());
  const sandbox = stack.use(
    await startSandbox({
      consumerKey: broker === "schwab" ? "PROCESS-TEST-APP" : "PROCESSTEST",
      consumerSecret: `CANARY-${crypto.randomUUID()}`,
      callbackUrl: `${
        scheme ?? (broker === "schwab" ? "https" : "http")
      }://${host}:${port}`,
      ...rest,
    }),
  );
  const home = `${directory.path}/home`;
  const cwd = `${directory.path}/work`;
  for (const path of [home, cwd]) Deno.mkdirSync(path);
  const { consumerKey, consumerSecret, callbackUrl } = sandbox.app;
  const configDir = `${home}/.config/tdauth`;
  const tokenPath = `${configDir}/${consumerKey}`;
  const secrets = new Set<string>();
  const accessTokens = new Set<string>();
  if (consumerSecret !== undefined) {
    secrets.add(consumerSecret);
    secrets.add(btoa(`${consumerKey}:${consumerSecret}`));
  }
  const appEnv = {
    TD_SANDBOX: sandbox.url,
    TD_PROVIDER: broker,
    TD_CONSUMER_KEY: consumerKey,
    ...(consumerSecret && { TD_CONSUMER_SECRET: consumerSecret }),
    TD_CALLBACK_URL: callbackUrl,
  };
  const baseEnv = Object.fromEntries(
    NEEDED.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const write = (path: string, value: unknown) => {
    Deno.mkdirSync(configDir, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(path, JSON.stringify(value), { mode: 0o600 });
  };

  const machine: Machine = {
    sandbox,
    port,
    home,
    cwd,
    configDir,
    tokenPath,
    appEnv,
    // The program of the moment: a test may change it.
    get tdauth() {
      return {
        words: tdauth,
        env: {
          ...baseEnv,
          HOME: home,
          ...denoEnvironment(),
          ...programEnv,
          DENO_NO_PROMPT: "1",
          DENO_NO_UPDATE_CHECK: "1",
          NO_COLOR: "1",
          TZ: "UTC",
        },
      };
    },
    secrets,
    start(args, options = {}) {
      const { env = {}, stdin, printsToken = false, killAfter } = options;
      const all = { ...machine.tdauth.env, ...env };
      collect(secrets, accessTokens, configDir);
      const [path, ...before] = tdauth;
      const command = [...before, ...args];
      const program = options.terminal ? "script" : options.under ? "sh" : path;
      const running = new Running(program, {
        args: options.terminal
          ? inTerminal(
            options.under
              ? ["sh", "-c", options.under, "sh", path, ...command]
              : [path, ...command],
          )
          : options.under
          ? ["-c", options.under, "sh", path, ...command]
          : command,
        cwd: options.cwd ?? cwd,
        env: Object.fromEntries(
          Object.entries(all).filter((entry): entry is [string, string] =>
            entry[1] !== undefined
          ),
        ),
        ...(killAfter !== undefined && { killAfter }),
        calledBy: commandLine(modulesCommand(), []),
        inspect: (result) => {
          collect(secrets, accessTokens, configDir);
          refuseSecrets(
            options.printsBoth
              ? withoutTokens(result, configDir)
              : printsToken
              ? withoutToken(result, accessTokens)
              : result,
            secrets,
            args,
          );
        },
      });
      if (stdin !== undefined) {
        running.write(stdin).then(() => running.closeInput());
      }
      return running;
    },
    run(args, options = {}) {
      return machine.start(args, { stdin: "", ...options }).result;
    },
    async signIn(file = consumerKey) {
      const tokens = await grant(sandbox);
      // Another file may be another app's, which the tests name at will.
      if (!file.endsWith(consumerKey)) delete tokens["consumer_key"];
      write(`${configDir}/${file}`, tokens);
      collect(secrets, accessTokens, configDir);
      return tokens;
    },
    storedTokens: () => {
      const { access_token, refresh_token } = JSON.parse(
        Deno.readTextFileSync(tokenPath),
      );
      return { access_token, refresh_token };
    },
    readTokens: (path = tokenPath) =>
      JSON.parse(Deno.readTextFileSync(path)) as TokenFile,
    age(token, seconds) {
      const tokens = machine.readTokens();
      tokens[token].access_time -= seconds;
      write(tokenPath, tokens);
    },
    readConfig: () =>
      JSON.parse(Deno.readTextFileSync(`${configDir}/config.json`)),
    writeConfig: (profiles) => write(`${configDir}/config.json`, { profiles }),
    processes: () => processesAt(home),
    async [Symbol.asyncDispose]() {
      try {
        await nothingLeft(home);
      } finally {
        await stack.disposeAsync();
      }
    },
  };
  return machine;
}

/** The tokens of a login of the practice broker's user, as tdauth stores them. */
async function grant(sandbox: Sandbox): Promise<TokenFile> {
  const { consumerKey, consumerSecret, callbackUrl } = sandbox.app;
  const schwab = sandbox.broker === "schwab";
  const id = schwab ? consumerKey : `${consumerKey}@AMER.OAUTHAP`;
  const page = new URL(sandbox.authorizationEndpoint);
  page.search = new URLSearchParams({
    response_type: "code",
    client_id: id,
    redirect_uri: callbackUrl,
  }).toString();
  const redirect = new URL(await sandbox.approveAndCopy(page.href));
  const response = await fetch(sandbox.tokenEndpoint, {
    method: "POST",
    headers: schwab
      ? { authorization: `Basic ${btoa(`${consumerKey}:${consumerSecret}`)}` }
      : {},
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: redirect.searchParams.get("code") ?? "",
      redirect_uri: callbackUrl,
      ...(schwab ? {} : { client_id: id, access_type: "offline" }),
    }),
  });
  const answer = await response.json();
  assert.equal(response.status, 200);
  const access_time = Math.floor(Date.now() / 1000);
  return {
    refresh_token: {
      token: answer.refresh_token,
      access_time,
      expires_in: schwab ? 604_800 : 7_776_000,
    },
    access_token: {
      token: answer.access_token,
      access_time,
      expires_in: answer.expires_in,
    },
    version: 1,
    provider: `${sandbox.broker}@${new URL(sandbox.url).host}`,
    consumer_key: consumerKey,
    login_time: access_time,
    scope: answer.scope,
  };
}
