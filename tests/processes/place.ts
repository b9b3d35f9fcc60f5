/** A home directory with a token that has just expired, and a server that counts what it is asked. */
import assert from "node:assert/strict";
import { authorize } from "../../mod.ts";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/mod.ts";
import { startMachine, type TokenFile } from "../cli/machine.ts";
import { nothingLeft } from "../cli/processes.ts";
import { approveAt } from "../interop/approve_at.ts";
import { startAuthorizationServer } from "../interop/authorization_server.ts";
import { cleanEnv } from "../interop/command.ts";
import { reservePort, temporaryDirectory } from "../support.ts";

/** Where processes find an expired token. */
export interface Place extends AsyncDisposable {
  /** The whole environment of the processes. */
  readonly env: Readonly<Record<string, string>>;
  /** Their working directory. */
  readonly cwd: string;
  /** Where the tokens are. */
  readonly tokenPath: string;
  /** The tokens on disk. */
  tokens(): TokenFile;
  /** How many requests the token endpoint has had since the login. */
  asked(): number;
  /** Whether the API takes an access token. */
  takes(token: string): Promise<boolean>;
  /** Lets the broker do the next refresh and hold its answer back for so many milliseconds. */
  holdNext(milliseconds: number): void;
  /** Presents a refresh token at the broker, as a thief would; gives the status. */
  present(refreshToken: string): Promise<number>;
}

/** A place at the practice broker. */
export interface SandboxPlace extends Place {
  /** The practice broker. */
  readonly sandbox: Sandbox;
  /** Logs the user in again beside all others, as another computer would, and stores the tokens. */
  logInBeside(): Promise<TokenFile>;
  /** Lets the access token on disk and at the broker expire. */
  expire(): void;
  /** Waits until the token endpoint has had so many requests. */
  untilAsked(times: number): Promise<void>;
}

/** A place at the practice broker. */
export async function sandboxPlace(
  options: SandboxOptions = {},
): Promise<SandboxPlace> {
  const machine = await startMachine(options);
  await machine.signIn();
  const { sandbox, tokenPath } = machine;
  const asked = () =>
    sandbox.requests.filter(({ endpoint }) => endpoint === "token").length;
  const before = asked();
  const place: SandboxPlace = {
    sandbox,
    tokenPath,
    cwd: machine.cwd,
    env: {
      ...cleanEnv(machine.home),
      ...machine.appEnv,
      TD_CONFIG_DIR: machine.configDir,
    },
    tokens: machine.readTokens,
    asked: () => asked() - before,
    async takes(token) {
      const response = await fetch(
        `${sandbox.url}/trader/v1/accounts/accountNumbers`,
        { headers: { authorization: `Bearer ${token}` } },
      );
      await response.body?.cancel();
      return response.status === 200;
    },
    holdNext: (delayMs) => sandbox.failNext({ delayMs }),
    async present(refreshToken) {
      const { consumerKey, consumerSecret } = sandbox.app;
      const response = await fetch(sandbox.tokenEndpoint, {
        method: "POST",
        headers: {
          authorization: `Basic ${btoa(`${consumerKey}:${consumerSecret}`)}`,
        },
        body: new URLSearchParams({
          grant_type: "refresh_token",
          refresh_token: refreshToken,
        }),
      });
      await response.body?.cancel();
      return response.status;
    },
    logInBeside: () => machine.signIn(),
    expire() {
      sandbox.advance(1801);
      machine.age("access_token", 1801);
    },
    async untilAsked(times) {
      const limit = Date.now() + 120_000;
      while (asked() - before < times) {
        assert.ok(
          Date.now() < limit,
          `no request number ${times} in 2 minutes`,
        );
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
  place.expire();
  return place;
}

/** A place at oidc-provider, which rotates, and ends the grant when an old refresh token comes back. */
export async function oidcPlace(): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(temporaryDirectory()).path;
  const callbackUrl = `http://127.0.0.1:${stack.use(reservePort()).port}/cb`;
  const server = stack.use(await startAuthorizationServer({ callbackUrl }));
  stack.defer(() => nothingLeft(home));
  const app = { provider: server.issuer, consumerKey: "app", callbackUrl };
  let page: Promise<unknown> | undefined;
  await authorize({
    ...app,
    configDir: `${home}/tdauth`,
    openUrl: (url) => void (page = approveAt(url)),
    log: () => {},
  });
  await page;
  const tokenPath = `${home}/tdauth/app`;
  const tokens = () => JSON.parse(Deno.readTextFileSync(tokenPath));
  const file = tokens();
  file.access_token.access_time -= file.access_token.expires_in + 1;
  Deno.writeTextFileSync(tokenPath, JSON.stringify(file));
  const all = stack.move();
  return {
    tokenPath,
    tokens,
    cwd: home,
    env: {
      ...cleanEnv(home),
      TD_PROVIDER: app.provider,
      TD_CONSUMER_KEY: app.consumerKey,
      TD_CALLBACK_URL: callbackUrl,
    },
    asked: () => server.grants("refresh_token").length,
    holdNext: server.holdRefreshes,
    present: server.tryRefresh,
    async takes(token) {
      const response = await fetch(`${server.issuer}/me`, {
        headers: { authorization: `Bearer ${token}` },
      });
      await response.body?.cancel();
      return response.status === 200;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
