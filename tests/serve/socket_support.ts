/** A keeper's socket in a temporary directory, and clients that speak to it byte by byte. */
import { AccessToken } from "../../src/token/token.ts";
import {
  keeperAnswers,
  type KeeperAnswersOptions,
} from "../../src/serve/keeper_answers.ts";
import {
  type KeeperSocket,
  openKeeperSocket,
} from "../../src/serve/keeper_socket.ts";
import { temporaryDirectory } from "../support.ts";

/** A socket for a test. */
export interface TestSocket extends AsyncDisposable {
  readonly path: string;
  readonly directory: string;
  readonly socket: KeeperSocket;
  /** Sends bytes on a connection of their own, and reads the head of the answer. */
  raw(text: string): Promise<string>;
  /** Asks as Deno's client does. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/** Opens one. */
export async function testSocket(
  options: Partial<KeeperAnswersOptions> = {},
): Promise<TestSocket> {
  const stack = new AsyncDisposableStack();
  const directory = `${stack.use(temporaryDirectory()).path}/run`;
  const path = `${directory}/keeper.sock`;
  const socket = stack.use(
    await openKeeperSocket(
      { directory },
      path,
      keeperAnswers({
        token: () =>
          Promise.resolve({
            accessToken: new AccessToken({ token: "ACCESS", expiresIn: 1800 }),
            provider: "schwab",
            apiOrigin: undefined,
          }),
        status: (profile) => Promise.resolve({ profile }),
        profile: "default",
        called: ["tdauth"],
        onError: (error) => {
          throw error;
        },
        ...options,
      }),
    ),
  );
  const client = stack.adopt(
    Deno.createHttpClient({ proxy: { transport: "unix", path } }),
    (client) => client.close(),
  );
  return {
    path,
    directory,
    socket,
    raw: (text) => rawRequest(path, text),
    fetch: (path, init = {}) =>
      fetch(`http://localhost${path}`, { ...init, client }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Sends bytes to a socket, and reads the head of the answer. */
export async function rawRequest(path: string, text: string): Promise<string> {
  using connection = await Deno.connect({ transport: "unix", path });
  await connection.write(new TextEncoder().encode(text));
  let answer = "";
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(4096);
  while (!answer.includes("\r\n\r\n")) {
    const read = await connection.read(chunk);
    if (read === null) break;
    answer += decoder.decode(chunk.subarray(0, read), { stream: true });
  }
  return answer;
}
