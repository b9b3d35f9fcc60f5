import { TdauthError } from "../../../base/errors.ts";
import { shown } from "../../../base/shown.ts";
import {
  directoryOf,
  makeDirectory,
  replaceFile,
} from "../../../system/files.ts";
import { readTextIfThere } from "../../../system/read_text.ts";
import { errorText, isNotFound, reason } from "../../../system/system_error.ts";
import type { Command } from "../../grammar/command.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";
import { tilde } from "../../terminal/tilde.ts";
import { lingering } from "./lingering.ts";
import {
  lineOf,
  MADE_BY,
  type Service,
  type ServiceCall,
  type ServiceEdges,
} from "./service.ts";

/**
 * Writes the service's file and starts it; where the system's own program cannot
 * do that, as without a session, it says what to run. Doing it twice does no harm.
 *
 * @param command The command.
 * @param service The service.
 * @param edges The machine.
 * @throws {TdauthError} `invalid_options` when another program's file has the name;
 * `cache_unreadable` when it cannot be written.
 */
export async function installService(
  command: Command,
  service: Service,
  edges: ServiceEdges,
): Promise<void> {
  const { io } = command;
  const { kind, path, text } = service;
  const before = path === undefined ? undefined : ownText(path);
  if (path !== undefined && before !== text) write(path, text);
  const { bold, dim, green, yellow, cyan } = style(command, "err");
  const what = before === undefined
    ? "written"
    : before === text
    ? "unchanged"
    : "replaced";
  const indented = (text: string) =>
    text.trimEnd().split("\n").map((line) => `  ${dim(shown(line))}\n`).join(
      "",
    );
  if (!wantsJson(command)) {
    const name = path === undefined ? kind : shown(tilde(command, path));
    if (what === "replaced") {
      io.err(`\n${bold(name)} was:\n\n${indented(before ?? "")}`);
    }
    io.err(`\n${bold(name)}${path === undefined ? "" : `, ${what}`}:\n\n`);
    io.err(`${indented(text)}\n`);
  }
  const failed = await runAll(service.start, edges);
  const stays = edges.os === "linux" && failed === undefined
    ? await lingering(edges)
    : undefined;
  if (wantsJson(command)) {
    return writeJson(io, {
      installed: kind,
      path: path ?? null,
      started: failed === undefined,
      run: failed === undefined ? [] : service.start.map(lineOf),
      ...(stays !== undefined && { stays_after_logout: stays.on }),
    });
  }
  if (failed !== undefined) {
    io.err(
      `${yellow("Not started:")} ${
        shown(failed)
      }. In a session of this user, run:\n\n` +
        service.start.map((call) => `  ${cyan(lineOf(call))}\n`).join("") +
        "\n",
    );
    return;
  }
  io.err(`${green("Started.")} To see how it is: ${cyan(service.show)}\n`);
  if (stays === undefined) return;
  io.err(
    stays.on
      ? "It goes on when you log out (lingering is on).\n"
      : `${
        yellow("It ends when you log out")
      } (lingering is off); to keep it: ${cyan("loginctl enable-linger")}\n`,
  );
}

/**
 * Reads a service's file.
 *
 * @param path The file.
 * @returns Its text; `undefined` when there is none.
 * @throws {TdauthError} `invalid_options` when it is not tdauth's.
 */
export function ownText(path: string): string | undefined {
  let text: string | undefined;
  try {
    text = readTextIfThere(path);
  } catch (cause) {
    throw cannot(path, reason(cause), cause);
  }
  if (text === undefined || text.includes(MADE_BY)) {
    return text;
  }
  throw cannot(path, "it is not tdauth's; left unchanged");
}

function write(path: string, text: string): void {
  try {
    makeDirectory(directoryOf(path));
    replaceFile(path, text, 0o644);
  } catch (cause) {
    throw cannot(path, reason(cause), cause);
  }
}

function cannot(path: string, why: string, cause?: unknown): TdauthError {
  return new TdauthError(
    "cache_unreadable",
    `Cannot change the service in "${path}": ${why}`,
    {
      hint: "move the file away, or make its directory writable",
      ...(cause !== undefined && { cause }),
    },
  );
}

/**
 * Runs the system's programs one after the other.
 *
 * @param calls The calls.
 * @param edges The machine.
 * @returns Why one has failed; `undefined` when all went well.
 */
export async function runAll(
  calls: readonly ServiceCall[],
  { run }: ServiceEdges,
): Promise<string | undefined> {
  for (const call of calls) {
    const failed = await failure(call, run);
    if (failed !== undefined && !call.mayFail) return failed;
  }
  return undefined;
}

async function failure(
  call: ServiceCall,
  run: ServiceEdges["run"],
): Promise<string | undefined> {
  try {
    const { code, stdout, stderr, timedOut } = await run(call);
    if (code === 0) return undefined;
    const said = `${stderr}\n${stdout}`.trim().split("\n")[0] ?? "";
    return timedOut
      ? `${call.program} did not end`
      : said || `${call.program} exited with ${code}`;
  } catch (error) {
    return isNotFound(error)
      ? `there is no ${call.program} here`
      : errorText(error);
  }
}
