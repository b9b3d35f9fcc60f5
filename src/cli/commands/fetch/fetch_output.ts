import { isBrokenPipe } from "../../../system/system_error.ts";
import type { Command } from "../../grammar/command.ts";
import { wantsJson } from "../../terminal/output.ts";
import { ExitWith } from "../../terminal/exit_code.ts";
import type { FetchFlags } from "./flags.ts";
import type { Silence } from "./silence.ts";
import { isJson } from "./fetch_request.ts";
import { openOutputFile } from "../../terminal/output_file.ts";
import { shown, shownJson } from "../../../base/shown.ts";
import { prettyJson } from "./pretty_json.ts";

/** Where a response goes. */
export interface FetchOutput extends Disposable {
  /** Streams a response in the requested form. */
  readonly write: (response: Response, silence: Silence) => Promise<void>;
}

type Write = (bytes: Uint8Array) => Promise<void>;

const encode = (text: string) => new TextEncoder().encode(text);

/**
 * Opens what `--output` names, else stdout. A file keeps its content until a
 * successful response arrives; the body of any other goes to stdout.
 *
 * @param command The command.
 * @returns Where the response goes.
 * @throws {TdauthError} `invalid_options` when the file cannot be written.
 */
export function openOutput(command: Command<FetchFlags>): FetchOutput {
  const { io, flags } = command;
  const name = flags.output === "-" ? undefined : flags.output;
  const file = name === undefined ? undefined : openOutputFile(name);
  const toStdout: Write = (bytes) => quietly(io.outBytes(bytes));
  return {
    write: async (response, silence) => {
      if (file === undefined || !response.ok) {
        return await show(command, response, silence, toStdout);
      }
      await show(command, response, silence, file.write, false);
      file.finish();
    },
    [Symbol.dispose]: () => file?.[Symbol.dispose](),
  };
}

/** Writes a response in the requested form; sanitized on a `screen`. */
async function show(
  command: Command<FetchFlags>,
  response: Response,
  silence: Silence,
  write: Write,
  screen = command.io.terminal.out,
): Promise<void> {
  if (wantsJson(command)) {
    const body = await whole(response, silence);
    return await write(encode(asJson(response, body)));
  }
  if (command.flags.include) {
    const text = head(response);
    await write(screen ? inert(text) : encode(text));
  }
  if (!screen) {
    for await (const bytes of parts(response, silence)) await write(bytes);
    return;
  }
  const json = /[/+]json\b/i.test(response.headers.get("content-type") ?? "");
  if (json) return await showJson(response, silence, write);
  const text = new ScreenText();
  let last: number | undefined;
  for await (const bytes of parts(response, silence)) {
    last = bytes.at(-1) ?? last;
    await write(text.next(bytes));
  }
  await write(text.rest());
  if (last !== undefined && last !== 10) await write(encode("\n"));
}

/** A reader that stops early, such as `head`, is not a failure. */
async function quietly(written: Promise<void>): Promise<void> {
  try {
    await written;
  } catch (error) {
    if (isBrokenPipe(error)) throw new ExitWith(0);
    throw error;
  }
}

async function* parts(
  response: Response,
  silence: Silence,
): AsyncIterable<Uint8Array<ArrayBuffer>> {
  silence.begins();
  for await (const bytes of response.body ?? []) {
    silence.ends();
    yield bytes;
    silence.begins();
  }
  silence.ends();
}

async function whole(
  response: Response,
  silence: Silence,
): Promise<Uint8Array> {
  const blob = await new Blob(
    await Array.fromAsync(parts(response, silence)),
  ).arrayBuffer();
  return new Uint8Array(blob);
}

/** Formats the head as HTTP does; the runtime does not report the version. */
function head({ status, statusText, headers }: Response): string {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\n`);
  return `HTTP ${status} ${statusText}`.trimEnd() + `\n${lines.join("")}\n`;
}

/** Includes JSON verbatim, and what is not UTF-8 as base64. */
function asJson({ status, headers }: Response, bytes: Uint8Array): string {
  const entries = JSON.stringify(Object.fromEntries(headers));
  let body: string;
  let name = "body";
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    body = isJson(bytes) ? text : JSON.stringify(text);
  } catch {
    name = "body_base64";
    body = JSON.stringify(
      btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")),
    );
  }
  return `${
    shownJson(
      prettyJson(`{"status":${status},"headers":${entries},"${name}":${body}}`),
    )
  }\n`;
}

async function showJson(
  response: Response,
  silence: Silence,
  write: Write,
): Promise<void> {
  const bytes = await whole(response, silence);
  const text = new TextDecoder().decode(bytes);
  if (bytes.length === 0) return;
  await write(
    isJson(bytes)
      ? encode(`${shownJson(prettyJson(text))}\n`)
      : inert(text.replace(/\n?$/, "\n")),
  );
}

/** A text that cannot move the cursor or do anything else to a terminal. */
function inert(text: string): Uint8Array {
  return encode(shown(text.replace(/\r\n/g, "\n")));
}

/** Makes chunks of bytes {@linkcode inert}: a line end or a character may be split between two. */
class ScreenText {
  readonly #decoder = new TextDecoder();
  #held = "";

  /** @returns What can be shown after these bytes. */
  next(bytes: Uint8Array): Uint8Array {
    const text = this.#held + this.#decoder.decode(bytes, { stream: true });
    this.#held = text.endsWith("\r") ? "\r" : "";
    return inert(text.slice(0, text.length - this.#held.length));
  }

  /** @returns What was held back, after the last bytes. */
  rest(): Uint8Array {
    return inert(this.#held + this.#decoder.decode());
  }
}
