import { isDirectory } from "../../../system/file_stat.ts";
import { TdauthError } from "../../../base/errors.ts";
import { readBytes } from "../../../system/read_file.ts";
import { stdin } from "../../../system/standard_streams.ts";
import { isNotFound } from "../../../system/system_error.ts";
import type { Command } from "../../grammar/command.ts";
import type { FetchFlags } from "./flags.ts";

/** What is sent. */
export interface FetchRequest {
  /** In capitals. */
  readonly method: string;
  /** Without the token. */
  readonly headers: Headers;
  /** The body, where there is one. */
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** Headers that tdauth sets itself, and why. */
const OURS: Readonly<Record<string, string>> = {
  authorization: "tdauth sets it to the access token",
  host: "the token is sent only to the broker's API",
};

/**
 * Builds a request from the command's flags.
 *
 * @param command The command.
 * @returns The request.
 * @throws {TdauthError} `invalid_options` when it cannot be sent like that, or the data cannot be read.
 */
export async function fetchRequest(
  command: Command<FetchFlags>,
): Promise<FetchRequest> {
  const { flags } = command;
  const headers = headersOf(flags.header);
  const method = (flags.method ?? (flags.data === undefined ? "GET" : "POST"))
    .toUpperCase();
  if (!/^[A-Z]+$/.test(method) || /^(CONNECT|TRACE|TRACK)$/.test(method)) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${method}" for --method: it is not a method of the API`,
      { hint: "use GET, POST, PUT, PATCH or DELETE" },
    );
  }
  if (flags.data === undefined) return { method, headers };
  if (method === "GET" || method === "HEAD") {
    throw new TdauthError(
      "invalid_options",
      `Cannot send --data with ${method}: such a request has no body`,
      {
        hint: "omit --method for POST, or put the data into the URL",
      },
    );
  }
  const body = await dataOf(flags.data);
  if (!headers.has("content-type")) {
    headers.set(
      "content-type",
      isJson(body) ? "application/json" : "application/x-www-form-urlencoded",
    );
  }
  return { method, headers, body };
}

function headersOf(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const [, name = "", value = ""] =
      /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*)$/.exec(line) ?? [];
    const ours = OURS[name.toLowerCase()];
    if (ours !== undefined) {
      throw new TdauthError(
        "invalid_options",
        `Cannot override the header ${name}: ${ours}`,
        { hint: `remove --header ${name}` },
      );
    }
    // deno-lint-ignore no-control-regex -- what Latin-1 has
    if (/[^\x00-\xff]/.test(value)) {
      throw new TdauthError(
        "invalid_options",
        `Cannot send the header ${name}: its value has characters outside Latin-1`,
        { hint: "encode them as the API expects, or send them with --data" },
      );
    }
    try {
      headers.append(name, value);
    } catch (cause) {
      // The line is not repeated: it may hold a secret.
      throw new TdauthError(
        "invalid_options",
        "Cannot use a --header: it is not in the form NAME: VALUE",
        { hint: "write it like --header 'Accept: application/json'", cause },
      );
    }
  }
  return headers;
}

/** Unlike curl's, a file is sent as it is, its newlines included. */
async function dataOf(data: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!data.startsWith("@")) return new TextEncoder().encode(data);
  const file = data.slice(1);
  try {
    return file === "-"
      ? new Uint8Array(await new Response(stdin.readable).arrayBuffer())
      : await readBytes(file);
  } catch (cause) {
    throw new TdauthError(
      "invalid_options",
      `Cannot read "${file}" for --data: ${
        // The runtimes treat an empty name differently.
        file === ""
          ? "no file specified"
          : isNotFound(cause)
          ? "there is no such file"
          : isDirectory(file)
          ? "it is a directory"
          : "it is not readable"}`,
      {
        hint: "use --data @FILE, or @- for stdin",
        cause,
      },
    );
  }
}

/** Whether bytes are JSON text. */
export function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}
