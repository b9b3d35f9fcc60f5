/** Where a program reads. */
export interface InputStream {
  /** All that comes, as it comes. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Reads into a buffer: how many bytes there are now, or `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Whether it is a terminal. */
  isTerminal(): boolean;
  /** Turns a terminal's echo and line editor off or on; `cbreak` leaves Ctrl-C working, except on Windows, which has no such mode. */
  setRaw(raw: boolean, options?: { cbreak: boolean }): void;
}

/** Where a program writes. */
export interface OutputStream {
  /** Writes a part, and says how many bytes. */
  write(bytes: Uint8Array): Promise<number>;
  /** Writes a part, and says how many bytes. */
  writeSync(bytes: Uint8Array): number;
  /** Whether it is a terminal. */
  isTerminal(): boolean;
}

/** The standard input. */
export const stdin: InputStream = Deno.stdin;
/** The standard output. */
export const stdout: OutputStream = Deno.stdout;
/** The standard error output. */
export const stderr: OutputStream = Deno.stderr;

/**
 * Writes a text, all of it.
 *
 * @param stream Where.
 * @param text The text.
 * @throws {Error} When it cannot be written; {@linkcode isBrokenPipe} when its reader has ended.
 */
export function writeText(stream: OutputStream, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    at += stream.writeSync(bytes.subarray(at));
  }
}

/** The width of the terminal; 0 when it is not known. */
export function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 0;
  }
}
