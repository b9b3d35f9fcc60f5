import { isBrokenPipe, reason } from "../../system/system_error.ts";
import type { Env } from "../../system/environment.ts";
import { OS } from "../../system/os.ts";
import type { Signal } from "../../system/signals.ts";
import {
  stderr,
  stdin,
  stdout,
  terminalColumns,
  writeText,
} from "../../system/standard_streams.ts";
import { wrapLines } from "./wrap.ts";
import { commandCalled } from "../../system/called.ts";

/** What the command reads and writes: the real streams by default, others in tests and the demo. */
export interface Io {
  /** The arguments after the program's name. */
  readonly args: readonly string[];
  /** The environment. */
  readonly env: Env;
  /** The words that call tdauth here. */
  readonly called: () => readonly string[];
  /** Writes data. */
  readonly out: (text: string) => void;
  /** Writes data that need not be text, and waits until it is written. */
  readonly outBytes: (bytes: Uint8Array) => Promise<void>;
  /** Writes everything else. */
  readonly err: (text: string) => void;
  /** Reads what the user types or pipes, a line at a time. */
  readonly lines: () => AsyncIterable<string>;
  /** Reads what is piped in, as it is. */
  readonly input: () => AsyncIterable<Uint8Array>;
  /**
   * Reads what the user pastes, a line at a time. On a terminal it is not shown,
   * and may be longer than the terminal's own line editor takes (1,024
   * characters on macOS); `onLength` receives the length of the line so far.
   */
  readonly pastedLines: (
    onLength: (length: number) => void,
  ) => AsyncIterable<string>;
  /**
   * Stops the terminal's echo, for `pastedLines`: before the user is told what to
   * paste, because they may be quicker than the first read. Ctrl-C works.
   */
  readonly startPasting: () => void;
  /** Restores the terminal's echo, even while a read is pending: before what may be seen is asked, and at the end. */
  readonly endPasting: () => void;
  /**
   * Reads a line without echo; `prompt` is written once the echo is off, which it
   * stays, as after `startPasting`: a secret may be pasted before the next prompt.
   */
  readonly hiddenLine: (prompt: string) => Promise<string | undefined>;
  /** Which of the three are terminals. */
  readonly terminal: {
    readonly in: boolean;
    readonly out: boolean;
    readonly err: boolean;
  };
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Sends requests. */
  readonly fetch: typeof fetch;
  /** Shows a page; the system's browser when absent. */
  readonly openUrl?: (url: string) => void | Promise<void>;
  /** Aborted by Ctrl-C and similar signals. */
  readonly signal: AbortSignal;
  /** For a command that forwards what would abort `signal`. */
  readonly signals: Signals;
}

/** Control of this process's signals, for a command that runs another one. */
export interface Signals {
  /** Receives the signals from now on, so that they abort nothing. */
  readonly take: (taker: (signal: Signal) => void) => void;
  /** Ends this process by one of them; resolves when that is not possible. */
  readonly dieOf: (signal: Signal) => Promise<void>;
}

/** The real streams, environment and clock. */
export function realIo(
  args: readonly string[],
  env: Env,
  signal: AbortSignal,
  signals: Signals = { take: () => {}, dieOf: () => Promise.resolve() },
): Io {
  const errIsTerminal = stderr.isTerminal();
  return {
    args,
    env,
    called: () => commandCalled(env),
    out: (text) => {
      try {
        writeText(stdout, text);
      } catch (error) {
        throw outputError(error);
      }
    },
    outBytes: async (bytes) => {
      let written = 0;
      while (written < bytes.length) {
        try {
          written += await stdout.write(bytes.subarray(written));
        } catch (error) {
          throw outputError(error);
        }
      }
    },
    err: (text) =>
      writeText(
        stderr,
        errIsTerminal ? wrapLines(text, terminalColumns()) : text,
      ),
    lines: stdinLines,
    input: () => stdin.readable,
    pastedLines,
    startPasting,
    endPasting,
    hiddenLine,
    terminal: {
      in: stdin.isTerminal(),
      out: stdout.isTerminal(),
      err: errIsTerminal,
    },
    now: Date.now,
    fetch,
    signal,
    signals,
  };
}

/** Standard output is not writable: its target is full, or closed. */
export class OutputError extends Error {}

/** A broken pipe is not reported. */
function outputError(cause: unknown): unknown {
  if (isBrokenPipe(cause)) return cause;
  return new OutputError(
    `Cannot write to standard output: ${reason(cause).toLowerCase()}`,
    { cause },
  );
}

/** What was read beyond the last line, for the next reader. */
let rest = "";

async function* stdinLines(): AsyncIterable<string> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(4096);
  while (true) {
    const end = rest.indexOf("\n");
    if (end >= 0) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      yield line.replace(/\r$/, "");
      continue;
    }
    const read = await stdin.read(chunk);
    if (read === null) break;
    rest += decoder.decode(chunk.subarray(0, read), { stream: true });
  }
  if (rest !== "") yield rest;
  rest = "";
}

/** Whether the terminal's line editor is off. */
let pasting = false;

function startPasting(): void {
  // Windows has no mode that leaves Ctrl-C working.
  if (!stdin.isTerminal() || OS === "windows") return;
  stdin.setRaw(true, { cbreak: true });
  pasting = true;
}

async function* pastedLines(
  onLength: (length: number) => void,
): AsyncIterable<string> {
  if (!pasting) return yield* stdinLines();
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(4096);
  let line = "";
  while (true) {
    const read = await stdin.read(chunk);
    if (read === null) return;
    const text = decoder.decode(chunk.subarray(0, read), { stream: true });
    // deno-lint-ignore no-control-regex -- the arrow keys and their like
    for (const character of text.replace(/\x1b\[[0-9;]*[A-Za-z~]/g, "")) {
      if (character === "\r" || character === "\n") {
        yield line;
        line = "";
      } else if (character === "\x04" && line === "") return; // Ctrl-D
      else line = edited(line, character);
    }
    onLength(line.length);
  }
}

function endPasting(): void {
  if (pasting) stdin.setRaw(false);
  pasting = false;
}

/** Applies a key as the terminal's line editor would. */
function edited(line: string, character: string): string {
  if (character === "\x7f" || character === "\b") return line.slice(0, -1);
  if (character === "\x15") return ""; // Ctrl-U
  return character >= " " ? line + character : line;
}

/** In raw mode the terminal shows nothing and edits nothing, so both are done here. */
async function hiddenLine(prompt: string): Promise<string | undefined> {
  stdin.setRaw(true);
  try {
    // Not earlier: an answer that is typed immediately must not be shown.
    writeText(stderr, prompt);
    const decoder = new TextDecoder();
    const chunk = new Uint8Array(1024);
    let line = "";
    let text = rest;
    rest = "";
    while (true) {
      for (let at = 0; at < text.length; at++) {
        const character = text.charAt(at);
        if (character === "\r" || character === "\n") {
          rest = text.slice(at + 1).replaceAll("\r", "\n");
          return line;
        }
        if (character === "\x03" || character === "\x04") return undefined; // Ctrl-C, Ctrl-D
        line = edited(line, character);
      }
      const read = await stdin.read(chunk);
      if (read === null) return undefined;
      text = decoder.decode(chunk.subarray(0, read), { stream: true });
    }
  } finally {
    // Windows has no such mode.
    if (OS === "windows") stdin.setRaw(false);
    else startPasting();
  }
}
