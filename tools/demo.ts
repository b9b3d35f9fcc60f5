// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Runs a full login against the built-in practice broker, with nothing to
 * configure: each command prints what it prints for a real account. Then the end of
 * the login comes near: a phone is told, and a login in two steps begins the next one.
 *
 * `--browser` opens the system's browser for you to log in; without it a scripted user does.
 */
import { authorize } from "../mod.ts";
import type { Io } from "../src/cli/terminal/io.ts";
import { run } from "../src/cli/program.ts";
import { startSandbox } from "../src/sandbox/mod.ts";

const byHand = Deno.args.includes("--browser");
const colour = Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR");
const paint = (code: number) => (text: string) =>
  colour ? `\x1b[${code}m${text}\x1b[0m` : text;
const [bold, dim, cyan] = [paint(1), paint(2), paint(36)];

const say = (text: string) =>
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
const step = (text: string) => say(`\n${bold(`── ${text}`)}`);

const started = performance.now();
const directory = Deno.makeTempDirSync({ prefix: "tdauth_demo_" });
const end = new AbortController();
Deno.addSignalListener("SIGINT", () => end.abort(new Error("interrupted")));
let code = 0;
/** What the last command printed on stdout, and what the next one is given on stdin. */
let printed = "";
let typed = "";
try {
  await using sandbox = await startSandbox({
    broker: "schwab",
    callbackUrl: "https://127.0.0.1:0", // some free port
    signal: end.signal,
  });
  step("1. A practice broker starts on this machine; it behaves like Schwab");
  say(`   ${sandbox.url}, and the configuration directory is ${directory}`);

  const environment: Record<string, string | undefined> = {
    TD_CONFIG_DIR: directory,
    TD_CONSUMER_SECRET: sandbox.app.consumerSecret,
    TERM: Deno.env.get("TERM"),
    NO_COLOR: Deno.env.get("NO_COLOR"),
    HOME: Deno.env.get("HOME"),
    BROWSER: Deno.env.get("BROWSER"),
  };
  const tdauth = async (...args: string[]) => {
    say(`${dim("$")} ${cyan(["tdauth", ...args].join(" "))}`);
    printed = "";
    code = await run(
      io(args, environment, () => sandbox.now(), (url) => sandbox.approve(url)),
    );
    if (code !== 0) throw new Error(`tdauth ${args[0]} ended with ${code}`);
    delete environment["TD_CONSUMER_SECRET"]; // configure saves it
  };

  step(
    "2. The app's settings are saved once (the secret comes from the environment)",
  );
  await tdauth(
    "configure",
    "--provider=schwab",
    `--consumer-key=${sandbox.app.consumerKey}`,
    `--callback-url=${sandbox.app.callbackUrl}`,
    `--sandbox=${sandbox.url}`,
  );

  step(
    byHand
      ? `3. You log in as ${sandbox.user.name}, password ${sandbox.user.password}`
      : "3. A login: a scripted user walks the broker's pages as a browser would",
  );
  await tdauth("login");

  step("4. The tokens on disk, readable only by you (shortened here)");
  showFile(`${directory}/${sandbox.app.consumerKey}`);

  step("5. A script asks for a token");
  await tdauth("token");

  step(
    "6. Thirty-one minutes later the token has expired: it is refreshed without a prompt",
  );
  sandbox.advance(31 * 60);
  await tdauth("token");

  step(
    '7. A quote, from a script: await td.fetch("/marketdata/v1/quotes?symbols=AAPL,MSFT")',
  );
  const td = await authorize({
    configDir: directory,
    now: () => sandbox.now(),
    interactive: false,
  });
  const response = await td.fetch("/marketdata/v1/quotes?symbols=AAPL,MSFT");
  for (
    const [symbol, { quote }] of Object.entries<
      { quote: { lastPrice: number; netChange: number } }
    >(await response.json())
  ) {
    say(
      `   ${symbol.padEnd(6)} ${quote.lastPrice.toFixed(2).padStart(8)}  ${
        quote.netChange.toFixed(2).padStart(6)
      }`,
    );
  }

  step("8. When it all expires");
  await tdauth("status");

  step("9. A phone is to be told in time: a hook in config.json");
  await using phone = startPhone();
  const config = JSON.parse(Deno.readTextFileSync(`${directory}/config.json`));
  config.hooks = [{ url: phone.url }];
  Deno.writeTextFileSync(
    `${directory}/config.json`,
    JSON.stringify(config, undefined, 2),
  );
  say(`   "hooks": ${JSON.stringify(config.hooks)}`);
  say("   A line in the crontab looks every hour; now, and five days later:");
  await tdauth("status", "--notify");
  sandbox.advance(5 * 86_400);
  await tdauth("status", "--notify");

  step(
    "10. On the phone: a login in two steps, without a browser on this machine",
  );
  await tdauth("login", "--begin");
  const [page = ""] = /https?:\S+/.exec(printed) ?? [];
  say(dim("   … the page is opened on the phone, which ends at an address …"));
  typed = await sandbox.approveAndCopy(page);
  await tdauth("login", "--finish");
  await tdauth("status", "--notify");
  await tdauth("status");

  say(
    `${bold("That was all of it")}, in ${
      ((performance.now() - started) / 1000).toFixed(1)
    } seconds. For a real account:\n\n` +
      `   npx -y deno@2.9.6 task cli configure   ${
        dim("# asks for your app's key, secret and callback URL")
      }\n` +
      `   npx -y deno@2.9.6 task cli login       ${
        dim("# opens your browser")
      }\n` +
      `   npx -y deno@2.9.6 task cli token       ${
        dim("# prints a valid access token, always")
      }\n\n` +
      `README.md says how to get an app. ${
        byHand ? "" : "With --browser after the command you log in yourself."
      }`,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  code ||= 1;
} finally {
  Deno.removeSync(directory, { recursive: true });
}
Deno.exit(code);

/** The command's world: the real outputs, this demo's environment, and the practice broker's clock. */
function io(
  args: string[],
  environment: Record<string, string | undefined>,
  now: () => number,
  approve: (url: string) => Promise<void>,
): Io {
  const write = (text: string) =>
    void Deno.stdout.writeSync(new TextEncoder().encode(text));
  return {
    args,
    called: () => ["tdauth"],
    env: (name) => environment[name] || undefined,
    out: (text) => {
      printed += text;
      write(text);
    },
    outBytes: async (bytes) => void await Deno.stdout.write(bytes),
    err: write, // one stream, so that the lines stay in order
    lines: async function* () {},
    input: async function* () {
      yield new TextEncoder().encode(typed);
    },
    pastedLines: async function* () {},
    startPasting: () => {},
    endPasting: () => {},
    hiddenLine: () => Promise.resolve(undefined),
    terminal: { in: false, out: colour, err: colour },
    now,
    fetch,
    ...(!byHand && { openUrl: approve }),
    signal: end.signal,
    signals: { take: () => {}, dieOf: () => Promise.resolve() },
  };
}

/** Shows what comes to a phone: each message as it arrives. */
function startPhone(): AsyncDisposable & { readonly url: string } {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { title, message } = await request.json();
      say(`   ${bold("phone:")} ${title}. ${message}`);
      return new Response();
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function showFile(path: string): void {
  const mode = ((Deno.statSync(path).mode ?? 0) & 0o777).toString(8);
  say(`${dim("$")} ${cyan(`cat ${path}`)}   ${dim(`# mode ${mode}`)}`);
  const text = Deno.readTextFileSync(path);
  say(
    text.trim().replace(/("token": ")([^"]{6})[^"]*"/g, '$1$2…"').replace(
      /^/gm,
      "   ",
    ),
  );
}
