/**
 * A program with its own user interface that embeds `authorize()`:
 * `deno task example:embedded` runs it against the practice broker, with nothing
 * to configure. `--real` uses your own app's settings, as `tdauth` does; with
 * `--approve` a scripted user logs in at the practice broker; a number sets the
 * port to listen on.
 */
import {
  type Authorization,
  authorize,
  type AuthorizeOptions,
  type LoginEvent,
  TdauthError,
} from "@tdauth/tdauth";
import { startSandbox } from "@tdauth/tdauth/sandbox";

const terminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
const cancel = new AbortController();

/** Shows the login to the user: one line for each step, and notes below. */
class LoginView {
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #last: LoginEvent | undefined;
  #broker = "your broker";
  #url = "";
  #deadline = 0;
  #notes: string[] = [];

  /** @param note Shown from the beginning. */
  constructor(note?: string) {
    if (note !== undefined) this.#notes.push(note);
    if (!terminal) return;
    say("\x1b[?1049h"); // the alternate screen, until close()
    this.#timer = setInterval(() => this.#draw(), 1000); // updates the time left
  }

  /** Shows an event of the login: all that `authorize()` needs from a user interface. */
  show(event: LoginEvent): void {
    const note = this.#noteOf(event);
    if (note !== undefined) this.#notes.push(note);
    if (event.type === "ready") {
      this.#broker = event.broker;
      this.#url = event.url;
      this.#deadline = event.deadline;
    }
    // These are notes, not steps of the login.
    if (!/opened|rejected/.test(event.type)) this.#last = event;
    if (terminal) this.#draw();
    else say(note === undefined ? event.type : `${event.type}: ${note}`);
  }

  /** Restores the terminal. */
  close(): void {
    clearInterval(this.#timer);
    if (terminal) say("\x1b[?1049l");
  }

  /** Returns the text to show for an event. */
  #noteOf(event: LoginEvent): string | undefined {
    switch (event.type) {
      case "ready": // the callback server listens; the browser is about to open
        return event.pasteOnly ?? (terminal ? undefined : event.url);
      case "device": // no browser can be opened here, and the broker offers this
        return `Open ${event.verificationUri} on another device and enter ${event.userCode}.`;
      case "opened":
        return "The page is open in your browser.";
      case "not_opened": // the login continues: the user can open the page
        return `${event.message}. Open the address yourself.`;
      case "rejected": // not this login's redirect; the login continues
        return `A ${event.from} was rejected: ${event.reason}.`;
      case "failed": // also when the user cancels, or on timeout
        return event.error.message;
    }
  }

  #draw(): void {
    const type = this.#last?.type;
    const waiting = type === "ready";
    const left = `${clock(this.#deadline - Date.now())} left`;
    const steps = [
      [undefined, "Getting ready"],
      ["ready", `Log in at ${this.#broker}, in your browser`],
      ["exchanging", "Requesting tokens"],
      ["done", "Done"],
    ];
    const at = steps.findIndex(([step]) => step === type);
    const lines = steps.map(([, text = ""], index) =>
      index === at
        ? `▸ ${bold(text)}  ${waiting ? dim(left) : ""}`
        : `${index < at ? "✓" : "·"} ${text}`
    );
    say([
      "\x1b[H\x1b[J", // from the top
      `  ${bold("Portfolio Sync")}`,
      "",
      ...lines.map((line) => `  ${line}`),
      "",
      ...(waiting ? [this.#url, ""] : []),
      ...this.#notes.slice(-4),
      ...(waiting ? ["", dim("Press c to cancel.")] : []),
    ].join("\n"));
  }
}

/** Logs in, and returns the exit code. */
async function main(): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const wanted = Number(Deno.args.find((arg) => /^\d+$/.test(arg)) ?? 8182);
  const sandbox = Deno.args.includes("--real") ? undefined : stack.use(
    await startSandbox({
      broker: "tdameritrade",
      callbackUrl: `http://127.0.0.1:${freePort(wanted)}`,
    }),
  );
  const view = new LoginView(
    sandbox &&
      `Log in as ${sandbox.user.name}, password ${sandbox.user.password}.`,
  );
  const options: AuthorizeOptions = {
    ...(sandbox && {
      ...sandbox.app,
      sandbox: sandbox.url,
      storeTokens: false,
    }),
    ...(sandbox && Deno.args.includes("--approve") && {
      openUrl: sandbox.approve, // instead of the system's browser
    }),
    onEvent: (event) => view.show(event),
    signal: cancel.signal, // cancels the login, and frees its port
    log: () => {}, // the view shows everything
  };
  Deno.addSignalListener("SIGINT", () => cancel.abort());
  if (terminal) listenToKeys();
  try {
    const td = await authorize(options);
    view.close();
    say(await summary(td));
    return 0;
  } catch (error) {
    view.close();
    if (!(error instanceof TdauthError)) throw error;
    say(`Not logged in: ${error.message}`);
    return error.code === "login_cancelled" ? 130 : 1;
  } finally {
    if (terminal) Deno.stdin.setRaw(false);
  }
}

/** Uses the authorization: here it counts the accounts. */
async function summary(td: Authorization): Promise<string> {
  const days = Math.round(td.refreshToken.remaining / 86_400);
  const response = await td.fetch("/v1/accounts"); // Schwab's: /trader/v1/accounts
  const accounts = response.ok ? (await response.json()).length : "no";
  return `Logged in: ${accounts} accounts. The next login is due in ${days} days.`;
}

/** Cancels the login when the user presses c, q, Escape or Ctrl-C. */
async function listenToKeys(): Promise<void> {
  Deno.stdin.setRaw(true);
  const keys = new Uint8Array(64);
  while (true) {
    const length = await Deno.stdin.read(keys);
    if (length === null) return;
    // Arrow keys also begin with Escape, but are longer.
    const key = new TextDecoder().decode(keys.subarray(0, length));
    if (["c", "q", "\x1b", "\x03"].includes(key)) return cancel.abort();
  }
}

/** Returns the wanted port, or the next one that is free. */
function freePort(wanted: number): number {
  try {
    Deno.listen({ hostname: "127.0.0.1", port: wanted }).close();
    return wanted;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return freePort(wanted + 1);
  }
}

/** Formats minutes and seconds: `4:59`. */
function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function bold(text: string): string {
  return Deno.noColor ? text : `\x1b[1m${text}\x1b[22m`;
}

function dim(text: string): string {
  return Deno.noColor ? text : `\x1b[2m${text}\x1b[22m`;
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

// The pending read of a key would keep the program running.
Deno.exit(await main());
