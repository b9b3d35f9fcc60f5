/** An API of the test's own in the practice broker's place, for answers that a broker should not give. */
import { type Machine, startMachine } from "./machine.ts";

/** A machine whose broker is this server. */
export interface OwnApi extends AsyncDisposable {
  readonly machine: Machine;
  /** The environment of its commands. */
  readonly env: Readonly<Record<string, string>>;
  /** Its origin. */
  readonly url: string;
}

/** Starts it, with tokens for it. */
export async function startOwnApi(
  answer: (request: Request) => Response | Promise<Response>,
): Promise<OwnApi> {
  const machine = await startMachine();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    answer,
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  const tokens = await machine.signIn();
  Deno.writeTextFileSync(
    machine.tokenPath,
    JSON.stringify({ ...tokens, provider: `schwab@${new URL(url).host}` }),
  );
  return {
    machine,
    url,
    env: { ...machine.appEnv, TD_SANDBOX: url },
    async [Symbol.asyncDispose]() {
      await machine[Symbol.asyncDispose]();
      await server.shutdown();
    },
  };
}
