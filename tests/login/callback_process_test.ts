import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { until } from "../premise.ts";
import { reservePort, untilFree } from "../support.ts";
import { close, connect, send, type Target } from "./raw_http.ts";
import { ANSWER, nextOf, type Scheme, SCHEMES } from "./server_support.ts";
import { deno } from "../../tools/deno.ts";

/** Starts the process, with at most so many open files, and waits until it serves. */
async function spawn(scheme: Scheme, port: number, files = 1024) {
  const script = fileURLToPath(new URL("callback_process.ts", import.meta.url));
  const child = new Deno.Command("sh", {
    args: [
      "-c",
      'ulimit -n "$1"; shift; exec "$@"',
      "sh",
      `${files}`,
      ...deno("run", "-A", script, `${scheme}://127.0.0.1:${port}`),
    ],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  const { cert } = JSON.parse(new TextDecoder().decode(value));
  const target: Target = scheme === "https" ? { port, cert } : { port };
  return { child, target };
}

/** How many files a process has open. */
function filesOf(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

async function assertSilentEnd(child: Deno.ChildProcess): Promise<void> {
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  assert.equal(decoder.decode(stdout) + decoder.decode(stderr), "");
  assert.equal(code, 7);
}

for (const scheme of SCHEMES) {
  Deno.test(`CallbackServer.finish() always delivers the page whole before the process exits, over ${scheme}`, async () => {
    for (let round = 0; round < 5; round++) {
      using reserved = reservePort();
      const { child, target } = await spawn(scheme, reserved.port);
      const refusing = await connect({ port: reserved.port });
      close(refusing); // a failed handshake prints nothing either
      const redirected = await send(target, `/?${ANSWER}`);
      assert.equal(redirected.status, 303);
      const { status, body } = await send(target, nextOf(redirected));
      assert.equal(status, 200);
      assert.match(body, /<\/html>\s*$/);
      await assertSilentEnd(child);
      await untilFree(reserved.port);
    }
  });
}

Deno.test("startCallbackServer() survives more connections than the process may have files, and the login still completes", async () => {
  using reserved = reservePort();
  const { child, target } = await spawn("http", reserved.port, 64);
  // Each one is accepted and stays open, or is refused because the files ran out.
  const idle: Deno.Conn[] = [];
  for (let index = 0; index < 200; index++) {
    const connection = await connect(target).catch(() => undefined);
    if (connection) idle.push(connection);
  }
  if (Deno.build.os === "linux") {
    await until("its files have run out", () => filesOf(child.pid) === 64);
  }
  idle.forEach(close);
  let redirected: Awaited<ReturnType<typeof send>> | undefined;
  for (
    let attempt = 0;
    attempt < 600 && redirected?.status !== 303;
    attempt++
  ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    redirected = await send(target, `/?${ANSWER}`).catch(() => undefined);
  }
  assert.ok(redirected !== undefined && redirected.status === 303);
  assert.match((await send(target, nextOf(redirected))).body, /<\/html>\s*$/);
  await assertSilentEnd(child);
});
