/** An input stream. */
export interface InputStream {
  /** The chunks, as they come. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Reads into a buffer; returns the number of bytes, or `null` at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Whether it is a terminal. */
  isTerminal(): boolean;
  /** Turns a terminal's echo and line editor off or on; `cbreak` leaves Ctrl-C working, except on Windows, which has no such mode. */
  setRaw(raw: boolean, options?: { cbreak: boolean }): void;
}

/** An output stream. */
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
 * Writes all of a string.
 *
 * @param stream The stream.
 * @param text The text.
 * @throws {Error} When it cannot be written; {@linkcode isBrokenPipe} when its reader has ended.
 */
export function writeText(stream: OutputStream, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    at += stream.writeSync(bytes.subarray(at));
  }
}

/** Returns the height of the terminal; 0 when it is unknown. */
export function terminalRows(): number {
  try {
    return Deno.consoleSize().rows;
  } catch {
    return 0;
  }
}

/** Returns the width of the terminal; 0 when it is unknown. */
export function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 0;
  }
}
