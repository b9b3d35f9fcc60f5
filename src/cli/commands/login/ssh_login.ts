import { after } from "../../../base/after.ts";
import { boundedLines } from "../../../base/bounded_lines.ts";
import { delay } from "../../../base/delay.ts";
import { TdauthError } from "../../../base/errors.ts";
import { shown } from "../../../base/shown.ts";
import { SECRET_VARIABLES } from "../../../settings/variable_table.ts";
import { childEnvironment } from "../../../system/child_environment.ts";
import {
  type PipedProgram,
  startPiped,
} from "../../../system/piped_program.ts";
import {
  sshCall,
  type SshHost,
  sshHostText,
} from "../../../system/ssh_call.ts";
import { isNotFound } from "../../../system/system_error.ts";
import { parseRemoteEvent, type RemoteEvent } from "./remote_event.ts";

/** How much of the other machine's stdout is read, in bytes: events, and what its shell's profile prints. */
const MOST_OUTPUT = 256 * 1024;
/** How much of its stderr is shown, in lines. */
const MOST_LINES = 200;
/** The longest line that is read, in characters. */
const LONGEST_LINE = 32 * 1024;
/** How much of a line of stderr is shown, in characters. */
const LONGEST_SHOWN = 1000;
/** How long, in milliseconds, the last line may be why ssh ends. */
const HELD = 300;
/** How long, in milliseconds, to wait for the rest of stderr: a connection that ssh shares keeps it open. */
const REST = 300;

/** What to do about a connection that ended. */
const AGAIN = "log in again";

/** Options of {@linkcode SshLogin}. */
export interface SshLoginOptions {
  /** The other machine. */
  readonly to: SshHost;
  /** The words that start the login there. */
  readonly words: readonly string[];
  /** How tdauth is called there. */
  readonly remoteCommand: string;
  /** Hears what ssh and the other machine say, a line each, without control characters. */
  readonly onLine: (line: string) => void;
}

/** A login on another machine, over ssh, which has begun there. */
export class SshLogin implements AsyncDisposable {
  readonly #options: SshLoginOptions;
  readonly #ssh: PipedProgram;
  readonly #events: AsyncGenerator<RemoteEvent, void>;
  readonly #said: Promise<void>;
  /** The last line of stderr, which is not shown yet: it may be why ssh ends. */
  #last: string | undefined;
  #forget = () => {};
  /** Whether the other machine's tdauth does not know what it was asked for. */
  #isOld = false;
  #begun = false;

  /**
   * Calls ssh.
   *
   * @param options Where, and what to run there.
   * @throws {TdauthError} `login_failed` when there is no ssh here.
   */
  constructor(options: SshLoginOptions) {
    this.#options = options;
    try {
      this.#ssh = startPiped(
        sshCall(options.to, options.words, { unattended: false }),
        childEnvironment("viewer", { secrets: SECRET_VARIABLES }),
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw failed(options.to, "there is no ssh here", "install OpenSSH");
    }
    this.#events = this.#read();
    this.#said = this.#listen();
  }

  /**
   * Waits for what the other machine says next.
   *
   * @throws {TdauthError} `login_failed` when the connection ends, or it says something else.
   */
  async next(): Promise<RemoteEvent> {
    const { value } = await this.#events.next();
    if (value === undefined) throw await this.#whyEnded();
    this.#begun = true;
    return value;
  }

  /** Sends a redirect to the other machine. */
  async send(redirect: string): Promise<void> {
    await this.#ssh.write(`${redirect}\n`);
  }

  /** Ends the connection, and with it the login there if no redirect was sent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#show();
    await this.#ssh.closeInput();
    this.#ssh.kill("SIGTERM");
    await this.#ssh.ended;
  }

  async *#read(): AsyncGenerator<RemoteEvent, void> {
    let noise = "";
    const chunks = limited(this.#ssh.stdout, () => {
      throw failed(
        this.#options.to,
        `it answered with something other than a login${quoted(noise)}`,
        "see what its shell prints when it is not used in a terminal",
      );
    });
    for await (const line of boundedLines(chunks, LONGEST_LINE)) {
      const event = parseRemoteEvent(line);
      if (event !== undefined) yield event;
      else if (line.trim() !== "") noise = line;
    }
  }

  async #listen(): Promise<void> {
    let lines = 0;
    for await (const raw of boundedLines(this.#ssh.stderr, LONGEST_SHOWN)) {
      const line = shown(raw).trimEnd();
      if (line === "" || ++lines > MOST_LINES) continue;
      this.#show();
      if (/unknown option '--remote'/.test(line)) {
        this.#isOld = true;
        continue;
      }
      this.#last = line;
      // A question for the user may follow, which ssh asks in the terminal itself.
      if (/try again/i.test(line)) this.#show();
      else this.#forget = after(HELD, () => this.#show());
    }
  }

  #show(): void {
    this.#forget();
    if (this.#last !== undefined) this.#options.onLine(this.#last);
    this.#last = undefined;
  }

  /** Why there is no other event. */
  async #whyEnded(): Promise<TdauthError> {
    const { code, signal } = await this.#ssh.ended;
    await Promise.race([this.#said, delay(REST)]);
    this.#forget();
    const said = this.#last;
    this.#last = undefined;
    const { to, remoteCommand } = this.#options;
    const host = sshHostText(to);
    if (signal !== undefined) {
      return failed(to, `ssh was ended by a signal (${signal})`, AGAIN);
    }
    if (code === 255) {
      return failed(
        to,
        said?.replace(/\.$/, "") ?? "ssh ended, and said no reason",
        this.#begun ? AGAIN : `try: ssh ${host} true`,
      );
    }
    // What a shell says: no such command, and one that may not be run.
    if (code === 127 || code === 126) {
      return failed(
        to,
        `there is no command ${remoteCommand} there`,
        "install tdauth there, or set TD_REMOTE_COMMAND to its path there",
      );
    }
    if (this.#isOld) {
      return failed(
        to,
        "the tdauth there is too old for --on",
        `update it on ${host}, or log in there in two steps (login --begin)`,
      );
    }
    return failed(
      to,
      this.#begun
        ? `tdauth there ended early, with exit code ${code}${quoted(said)}`
        : `what was run there is no login of tdauth; it ended with exit code ${code}${
          quoted(said)
        }`,
      "see what runs there as tdauth",
    );
  }
}

function failed(to: SshHost, why: string, hint: string): TdauthError {
  return new TdauthError(
    "login_failed",
    `Cannot log in on ${sshHostText(to)}: ${why}`,
    { hint },
  );
}

/** Reads no more than {@linkcode MOST_OUTPUT}. */
async function* limited(
  chunks: AsyncIterable<Uint8Array>,
  exceeded: () => never,
): AsyncGenerator<Uint8Array, void> {
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > MOST_OUTPUT) exceeded();
    yield chunk;
  }
}

/** What was said, after a colon. */
function quoted(text: string | undefined): string {
  const line = text === undefined ? "" : shown(text).trim().slice(0, 200);
  return line === "" ? "" : `: ${line}`;
}
