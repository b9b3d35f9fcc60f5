import { TdauthError } from "../errors.ts";
import { type Command, wantsJson } from "./command_context.ts";
import { ExitWith } from "./exit_code.ts";
import type { Silence } from "./fetch.ts";
import { type FetchFlags, isJson } from "./fetch_request.ts";
import { prettyJson } from "./pretty_json.ts";

/** Where an answer goes. */
export interface FetchOutput extends Disposable {
  /** Writes an answer as it comes, in the form that was asked for. */
  readonly write: (response: Response, silence: Silence) => Promise<void>;
}

type Write = (bytes: Uint8Array) => Promise<void>;

const encode = (text: string) => new TextEncoder().encode(text);

/**
 * Opens what `--output` names, else stdout. A file keeps what it has until a
 * successful answer comes; the body of any other goes to stdout.
 *
 * @param command The command.
 * @returns Where the answer goes.
 * @throws {TdauthError} `invalid_options` when the file cannot be written.
 */
export function openOutput(command: Command<FetchFlags>): FetchOutput {
  const { io, flags } = command;
  const name = flags.output === "-" ? undefined : flags.output;
  const file = name === undefined ? undefined : openFile(name);
  return {
    write: async (response, silence) => {
      const toFile = file !== undefined && response.ok;
      if (toFile && file.statSync().isFile) await file.truncate();
      const write: Write = toFile
        ? (bytes) => writeAll(file, bytes)
        : (bytes) => quietly(io.outBytes(bytes));
      const screen = !toFile && io.terminal.out;
      if (wantsJson(command)) {
        const body = await whole(response, silence);
        return await write(encode(asJson(response, body)));
      }
      if (flags.include) await write(encode(head(response)));
      const json = /[/+]json\b/i.test(
        response.headers.get("content-type") ?? "",
      );
      if (screen && json) return await showJson(response, silence, write);
      let last: number | undefined;
      const decoder = new TextDecoder();
      for await (const bytes of parts(response, silence)) {
        last = bytes.at(-1) ?? last;
        await write(
          screen ? inert(decoder.decode(bytes, { stream: true })) : bytes,
        );
      }
      if (screen && last !== undefined && last !== 10) {
        await write(encode("\n"));
      }
    },
    [Symbol.dispose]: () => file?.close(),
  };
}

function openFile(name: string): Deno.FsFile {
  try {
    return Deno.openSync(name, { write: true, create: true });
  } catch (cause) {
    throw new TdauthError(
      "invalid_options",
      `Cannot write "${name}" for --output: ${
        cause instanceof Deno.errors.NotFound
          ? "there is no such directory"
          : "the system does not let it be written"
      }`,
      { hint: "name a file that you may write", cause },
    );
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await file.write(bytes.subarray(written));
  }
}

/** A reader that has had enough, such as `head`, is no failure. */
async function quietly(written: Promise<void>): Promise<void> {
  try {
    await written;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw new ExitWith(0);
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

/** As HTTP shows it; the runtime does not tell which version it was. */
function head({ status, statusText, headers }: Response): string {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\n`);
  return `HTTP ${status} ${statusText}`.trimEnd() + `\n${lines.join("")}\n`;
}

/** What is JSON stands in it letter for letter, what is not UTF-8 as base64. */
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
    prettyJson(`{"status":${status},"headers":${entries},"${name}":${body}}`)
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
      ? encode(`${prettyJson(text)}\n`)
      : inert(text.replace(/\n?$/, "\n")),
  );
}

// deno-lint-ignore no-control-regex -- these are what it is about
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** A text that cannot move the cursor or do anything else to a terminal. */
function inert(text: string): Uint8Array {
  return encode(text.replace(/\r\n/g, "\n").replace(CONTROLS, "\ufffd"));
}
