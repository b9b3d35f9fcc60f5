/** A machine that is logged in to over ssh, and the one that a person sits at. */
import type { Result, Running } from "../cli/process.ts";
import {
  type Machine,
  type MachineOptions,
  type RunOptions,
  startMachine,
} from "../cli/machine.ts";
import { type SshServer, startSshServer } from "./ssh_server.ts";

/** Two machines and the connection between them. */
export interface Machines extends AsyncDisposable {
  /** The machine that ssh leads to: its app is configured, and its tokens are what it is about. */
  readonly machine: Machine;
  /** Its ssh server. */
  readonly server: SshServer;
  /** The machine that ssh is called on; it knows of the practice broker's URL alone. */
  readonly here: Pick<Machine, "start" | "run">;
}

/** Sets both up. */
export async function startMachines(
  options: MachineOptions = {},
): Promise<Machines> {
  const stack = new AsyncDisposableStack();
  const machine = stack.use(await startMachine(options));
  const { appEnv } = machine;
  machine.writeConfig({
    default: {
      provider: appEnv["TD_PROVIDER"] ?? "",
      consumerKey: appEnv["TD_CONSUMER_KEY"] ?? "",
      ...(appEnv["TD_CONSUMER_SECRET"] &&
        { consumerSecret: appEnv["TD_CONSUMER_SECRET"] }),
      sandbox: appEnv["TD_SANDBOX"] ?? "",
      callbackUrl: appEnv["TD_CALLBACK_URL"] ?? "",
    },
  });
  const server = stack.use(await startSshServer(machine));
  const start = (args: readonly string[], given: RunOptions = {}): Running =>
    machine.start(args, {
      ...given,
      env: { ...server.env, TD_SANDBOX: machine.sandbox.url, ...given.env },
    });
  const run = (
    args: readonly string[],
    given: RunOptions = {},
  ): Promise<Result> => start(args, { stdin: "", ...given }).result;
  return {
    machine,
    server,
    here: { start, run },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A login on the other machine that waits for its redirect. */
export interface BegunLogin {
  /** The command here. */
  readonly login: Running;
  /** The provider's page. */
  readonly url: string;
  /** The address at which the user's browser ends, with the code. */
  readonly address: string;
}

/** Begins a login on the other machine, and is its user up to the redirect. */
export async function begunOn(
  { machine, server, here }: Machines,
  args: readonly string[] = [],
): Promise<BegunLogin> {
  const login = here.start([
    ...["login", "--on", server.host, "--no-browser", ...args],
  ]);
  const [, url = ""] = await login.sees(/^ {2}(http\S+)$/m);
  await login.sees(/Waiting \d:\d\d for the redirect/);
  const address = await machine.sandbox.approveAndCopy(url);
  machine.secrets.add(new URL(address).searchParams.get("code") ?? "");
  return { login, url, address };
}

/** How many codes the practice broker has exchanged. */
export function exchanges({ sandbox }: Machine): number {
  return sandbox.requests.filter(({ grantType }) =>
    grantType === "authorization_code"
  ).length;
}
