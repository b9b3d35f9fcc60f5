/** The example with a user interface of its own, in a process of its own. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { only, reservePort, untilFree } from "../support.ts";
import { DENO } from "../../tools/deno.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const EXAMPLE = ["task", "--quiet", "example:embedded"];

interface Running extends AsyncDisposable {
  /** Waits until the output has it. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  press(key: string): Promise<void>;
  interrupt(): void;
  /** Everything that it printed, and its exit code. */
  readonly outcome: Promise<{ readonly text: string; readonly code: number }>;
}

function start(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Running {
  const child = new Deno.Command(program, {
    args: [...args],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
    env: { BROWSER: "true", DENO_NO_PROMPT: "1", NO_COLOR: "1", ...env },
  }).spawn();
  let text = "";
  let more = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (
      const chunk of child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      text += chunk;
      more.resolve();
      more = Promise.withResolvers();
    }
  })();
  const writer = child.stdin.getWriter();
  const outcome = (async () => {
    const { code } = await child.status;
    await reading;
    writer.close().catch(() => {});
    return { text, code };
  })();
  return {
    outcome,
    async says(pattern) {
      const start = Date.now();
      while (true) {
        assert.ok(
          Date.now() - start < 120_000,
          `it does not say ${pattern}: ${text}`,
        );
        const found = pattern.exec(text);
        if (found !== null) return found;
        let timer: ReturnType<typeof setTimeout> | undefined;
        const soon = new Promise<void>((resolve) => {
          timer = setTimeout(resolve, 1000);
        });
        const ended = await Promise.race([more.promise, outcome, soon]);
        clearTimeout(timer);
        if (ended) throw new Error(`it ended without ${pattern}: ${text}`);
      }
    },
    press: (key) => writer.write(new TextEncoder().encode(key)),
    interrupt: () => child.kill("SIGINT"),
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // it has ended
      }
      await outcome;
    },
  };
}

const callbackOf = (url: string) =>
  new URL(url).searchParams.get("redirect_uri") ?? "";
const isFree = (url: string) => untilFree(Number(new URL(url).port));

Deno.test("examples/embedded.ts reports every step of a login and ends with the port free", async () => {
  using reserved = reservePort();
  await using example = start(DENO, [
    ...EXAMPLE,
    "--approve",
    String(reserved.port),
  ]);
  const { text, code } = await example.outcome;
  assert.equal(code, 0, text);
  const [, url = ""] = /^ready: (\S+)$/m.exec(text) ?? [];
  assert.deepEqual(
    text.split("\n").map((line) => line.split(":")[0]).filter((word) =>
      /^[a-z_]+$/.test(word ?? "") && word !== "opened"
    ),
    ["ready", "exchanging", "done"],
  );
  assert.match(
    text,
    /^Logged in: 2 accounts\. The next login is due in 90 days\.$/m,
  );
  await isFree(callbackOf(url));
});

Deno.test({
  ...only(
    "Unix",
    "examples/embedded.ts goes on after a redirect that is not its own, and says why a login failed",
  ),
  async fn() {
    using reserved = reservePort();
    await using example = start(DENO, [
      ...EXAMPLE,
      String(reserved.port),
    ]);
    const [, url = ""] = await example.says(/^ready: (\S+)$/m);
    await example.says(/^opened: The page is open/m);
    const callback = callbackOf(url);
    const forged = await fetch(`${callback}/?code=FORGED&state=wrong`);
    assert.equal(forged.status, 400);
    await forged.body?.cancel();
    await example.says(/^rejected: A redirect was rejected: .*state/m);
    example.interrupt();
    const { text, code } = await example.outcome;
    assert.equal(code, 130);
    assert.match(text, /^failed: .*the login was cancelled$/m);
    assert.match(text, /^Not logged in: /m);
    assert.doesNotMatch(text, /^(exchanging|done)/m);
    await isFree(callback);
  },
});

const SCRIPT = "/usr/bin/script";
const noTerminal = Deno.build.os !== "linux" || !exists(SCRIPT);

Deno.test({
  name:
    "examples/embedded.ts shows the time left on a terminal, and a key cancels the login" +
    (noTerminal ? ` (ignored: there is no ${SCRIPT})` : ""),
  ignore: noTerminal,
  async fn() {
    using reserved = reservePort();
    const command = [DENO, ...EXAMPLE, reserved.port].map((word) => `'${word}'`)
      .join(" ") + "; echo code=$?";
    await using example = start(SCRIPT, ["-qfec", command, "/dev/null"]);
    const [, url = ""] = await example.says(/\r\n(http\S+state=\S+)\r\n/);
    await example.says(
      /▸ Log in at TD Ameritrade, in your browser {2}4:5\d left/,
    );
    await example.says(/Log in as practice, password practice-makes-perfect/);
    await example.says(/Press c to cancel/);
    await example.press("\x1b[A"); // an arrow is no Escape
    await example.press("x");
    const forged = await fetch(`${callbackOf(url)}/?code=FORGED&state=wrong`);
    await forged.body?.cancel();
    await example.says(/was rejected/);
    await example.press("c");
    // Not the end of script itself, which at times waits for more input.
    const [text] = await example.says(/\[\?1049l[^]*code=\d+/);
    assert.match(
      text.slice("[?1049l".length),
      /^\r\nNot logged in: [^\n]*\ncode=130/,
    );
    await isFree(callbackOf(url));
  },
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
