/** A user's home directory, where the real command logs in to a server. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoLine } from "../../tools/deno.ts";
import { type Outcome, tdauth } from "../interop/command.ts";
import { temporaryDirectory } from "../support.ts";
import type { Client, RealServer, ServerKind } from "./real_server.ts";

/** The token file, as far as it is looked at. */
export interface TokenFile {
  readonly access_token: {
    readonly token: string;
    readonly access_time: number;
    readonly expires_in: number;
  };
  readonly refresh_token: { readonly token: string };
}

/** A home directory of one client's user, and the command in it. */
export interface Home extends AsyncDisposable {
  /** The directory. */
  readonly path: string;
  /** The client's settings. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command. */
  run(...args: string[]): Promise<Outcome>;
  /** Logs in; fails when that fails. */
  login(): Promise<TokenFile>;
  /** The tokens on disk. */
  tokens(): TokenFile;
  /** Makes the access token on disk so many seconds old, or a second older than it lives. */
  age(seconds: number | "expired"): void;
}

/**
 * Makes a home directory.
 *
 * @param kind What of the server its users must know.
 * @param server The server.
 * @param client The client whose settings are in the environment.
 * @param callbackUrl Its callback URL.
 */
export function userOf(
  { form, scope }: Pick<ServerKind, "form" | "scope">,
  { settings }: RealServer,
  { id, secret }: Client,
  callbackUrl: string,
): Home {
  const directory = temporaryDirectory();
  const { path } = directory;
  const env = {
    ...settings,
    TD_CONSUMER_KEY: id,
    TD_CONSUMER_SECRET: secret,
    TD_CALLBACK_URL: callbackUrl,
    ...(scope !== undefined && { TD_SCOPE: scope }),
  };
  const user = fileURLToPath(new URL("user.ts", import.meta.url));
  const run = (...args: string[]) => tdauth(args, { home: path, env });
  const tokenPath = () => {
    const names = [...Deno.readDirSync(`${path}/tdauth`)]
      .filter(({ isFile, name }) => isFile && !/^\.|^config\.json$/.test(name))
      .map(({ name }) => name);
    assert.equal(names.length, 1, names.join());
    return `${path}/tdauth/${names[0]}`;
  };
  const tokens = () => JSON.parse(Deno.readTextFileSync(tokenPath()));
  return {
    path,
    env,
    run,
    tokens,
    async login() {
      const { code, stderr } = await run(
        "login",
        "--timeout=30s",
        `--browser=${denoLine("run", "-A", user)} ${form}`,
      );
      assert.equal(code, 0, `login ended with ${code}: ${stderr}`);
      return tokens();
    },
    age(seconds) {
      const file = tokens();
      const age = seconds === "expired"
        ? file.access_token.expires_in + 1
        : seconds;
      file.access_token.access_time = Math.floor(Date.now() / 1000) - age;
      Deno.writeTextFileSync(tokenPath(), JSON.stringify(file));
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
