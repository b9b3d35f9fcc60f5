import { fileURLToPath } from "node:url";
import { denoProcess } from "../tools/deno.ts";

/** A separate process that stores new tokens on demand. */
export interface OtherProcess extends AsyncDisposable {
  /** Makes it store a token with a time of issue, in seconds since the epoch. */
  store(token: string, accessTime: number): Promise<void>;
  /** When it began to store the last one and when it was done, in milliseconds since the epoch. */
  stored(): Promise<{ readonly began: number; readonly done: number }>;
}

/** Starts one for a token file. */
export function otherProcess(tokenFile: string): OtherProcess {
  const at = tokenFile.lastIndexOf("/");
  const script = fileURLToPath(new URL("calls_child.ts", import.meta.url));
  const child = denoProcess(
    ["run", "-A", script, tokenFile.slice(0, at), tokenFile.slice(at + 1)],
    { stdin: "piped", stdout: "piped" },
  ).spawn();
  const stdin = child.stdin.getWriter();
  const stdout = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  return {
    store: (token, accessTime) =>
      stdin.write(new TextEncoder().encode(`${token} ${accessTime}\n`)),
    async stored() {
      const { value = "" } = await stdout.read();
      const [began = NaN, done = NaN] = value.split(" ").map(Number);
      return { began, done };
    },
    async [Symbol.asyncDispose]() {
      await stdin.close();
      await child.status;
      await stdout.cancel();
    },
  };
}
