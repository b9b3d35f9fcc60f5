/**
 * Takes a picture of what a new user sees in a terminal of 80 columns, command by
 * command, in a fresh home directory, for people to look at and for the README:
 * `deno run -A tests/browser/terminal_pictures.ts DIR [TDAUTH]`. TDAUTH is the
 * executable; the source by default. It needs tmux.
 */
import { fileURLToPath } from "node:url";
import { startSandbox } from "../../src/sandbox/mod.ts";
import { reservePort, temporaryDirectory } from "../support.ts";
import { startChromium } from "./person.ts";
import { denoEnvironment, denoLine } from "../../tools/deno.ts";

const directory = Deno.args[0] ??
  Deno.makeTempDirSync({ prefix: "tdauth_pictures_" });
// deno-lint-ignore no-console -- people want to look at them
console.log(`The pictures are in ${directory}`);
const cli = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const tdauth = Deno.args[1] ?? denoLine("run", "-A", cli);
const approve = denoLine("run", "-A", cli, "sandbox", "--approve");
const COLUMNS = 80;

Deno.mkdirSync(directory, { recursive: true });
await using home = temporaryDirectory();
await using stack = new AsyncDisposableStack();
const { port } = stack.use(reservePort());
const sandbox = stack.use(
  await startSandbox({ callbackUrl: `https://127.0.0.1:${port}` }),
);
const browser = await startChromium(home.path);
stack.defer(() => browser.close());
const bin = `${home.path}/bin`;
Deno.mkdirSync(bin);
Deno.writeTextFileSync(`${bin}/tdauth`, `#!/bin/sh\nexec ${tdauth} "$@"\n`, {
  mode: 0o755,
});
Deno.writeTextFileSync(
  `${bin}/practice-user`,
  `#!/bin/sh\nexec ${approve} "$@"\n`,
  { mode: 0o755 },
);
const session = `tdauth-pictures-${Deno.pid}`;
tmux(
  "new-session",
  "-d",
  "-s",
  session,
  "-x",
  `${COLUMNS}`,
  "-y",
  "60",
  "-c",
  home.path,
  `env -i HOME=${home.path} PATH=${bin}:/usr/bin:/bin TERM=xterm-256color LANG=C.UTF-8 TZ=${
    Deno.env.get("TZ") ?? "UTC"
  } SSL_CERT_FILE=${Deno.env.get("SSL_CERT_FILE") ?? ""} ${
    Object.entries(denoEnvironment()).map((entry) => entry.join("=")).join(" ")
  } DENO_NO_UPDATE_CHECK=1 TD_SANDBOX=${sandbox.url} TD_CONSUMER_SECRET=${sandbox.app.consumerSecret} BROWSER=practice-user PS1='$ ' bash --norc`,
);
stack.defer(() => void tmux("kill-session", "-t", session));
await settled();

const SCREENS: readonly (readonly [name: string, command: string])[] = [
  ["01-help", "tdauth"],
  ["02-token-too-early", "tdauth token"],
  [
    "03-configure",
    `tdauth configure --provider schwab --consumer-key ${sandbox.app.consumerKey} --callback-url ${sandbox.app.callbackUrl} < /dev/null`,
  ],
  ["04-doctor", "tdauth doctor"],
  ["05-cert", "tdauth cert show"],
  ["06-login", "tdauth login"],
  ["07-status", "tdauth status"],
  ["08-token", 'tdauth token > t && echo "$? $(wc -c < t)"'],
  ["09-exec", "tdauth exec -- sh -c 'echo ${#TD_ACCESS_TOKEN} characters'"],
  [
    "10-fetch",
    "tdauth fetch '/marketdata/v1/quotes?symbols=AAPL' | head -c 300",
  ],
  [
    "11-export",
    "tdauth export --format schwab-py --output token.json; ls -l token.json",
  ],
  ["12-import", "tdauth import token.json"],
  ["13-unknown", "tdauth stauts"],
  ["14-doctor-after", "tdauth doctor"],
  ["15-logout", "tdauth logout"],
  ["16-status-after", "tdauth status"],
];
for (const [name, command] of SCREENS) {
  tmux("send-keys", "-t", session, "-R", "clear", "Enter");
  await settled();
  tmux("clear-history", "-t", session);
  tmux("send-keys", "-t", session, "-l", command);
  tmux("send-keys", "-t", session, "Enter");
  await settled();
  await shoot(name, tmux("capture-pane", "-e", "-p", "-t", session));
}

/** Runs tmux and returns its output. */
function tmux(...args: string[]): string {
  const { stdout } = new Deno.Command("tmux", {
    args,
    stderr: "inherit",
  }).outputSync();
  return new TextDecoder().decode(stdout);
}

/** Waits until the prompt is back and nothing moves. */
async function settled(): Promise<void> {
  let before = "";
  for (let tries = 0; tries < 120; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = tmux("capture-pane", "-p", "-t", session);
    if (now === before && /\$ *$/.test(now.trimEnd())) return;
    before = now;
  }
  throw new Error(`the terminal does not settle:\n${before}`);
}

/** Renders a screen as a page and takes a screenshot. */
async function shoot(name: string, screen: string): Promise<void> {
  const text = screen.trimEnd().replace(
    // deno-lint-ignore no-control-regex -- what a terminal takes
    /\n(?:\x1b\[[0-9;]*m)*\$(?:\x1b\[[0-9;]*m| )*$/,
    "",
  ).trimEnd();
  const page = await browser.newPage({
    viewport: { width: 860, height: 200 },
    deviceScaleFactor: 2,
  });
  await page.setContent(
    `<body style="margin:0;background:#0f1216;color:#e8ebef"><pre style="margin:0;padding:18px 22px;font:15px/1.4 'DejaVu Sans Mono',monospace">${
      html(text)
    }</pre></body>`,
  );
  await page.screenshot({ path: `${directory}/${name}.png`, fullPage: true });
  await page.close();
}

/** A terminal's text as HTML. */
function html(text: string): string {
  const colours: Record<string, string> = {
    31: "#ff7b72",
    32: "#3fb950",
    33: "#d29922",
    36: "#56d4dd",
  };
  let style: Record<string, string> = {};
  // deno-lint-ignore no-control-regex -- what a terminal takes
  return text.split(/(\x1b\[[0-9;]*m)/).map((part) => {
    // deno-lint-ignore no-control-regex -- what a terminal takes
    const codes = /^\x1b\[([0-9;]*)m$/.exec(part)?.[1];
    if (codes === undefined) {
      const escaped = part.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
      const css = Object.entries(style).map(([k, v]) => `${k}:${v}`).join(";");
      return css === "" ? escaped : `<span style="${css}">${escaped}</span>`;
    }
    for (const code of codes.split(";")) {
      if (code === "" || code === "0") style = {};
      else if (code === "1") style["font-weight"] = "bold";
      else if (code === "2") style["opacity"] = "0.65";
      else if (code === "22") {
        delete style["font-weight"];
        delete style["opacity"];
      } else if (code === "39") delete style["color"];
      else if (colours[code]) style["color"] = colours[code];
    }
    return "";
  }).join("");
}
