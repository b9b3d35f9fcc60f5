import { shown } from "../../../base/shown.ts";
import { removeFile } from "../../../system/files.ts";
import type { Command } from "../../grammar/command.ts";
import { style, wantsJson, writeJson } from "../../terminal/output.ts";
import { tilde } from "../../terminal/tilde.ts";
import { ownText, runAll } from "./install_service.ts";
import { lineOf, type Service, type ServiceEdges } from "./service.ts";

/**
 * Stops the service and removes its file, if it is tdauth's. Tokens and settings stay.
 *
 * @param command The command.
 * @param service The service.
 * @param edges The machine.
 * @throws {TdauthError} `cache_unreadable` when another program's file has the name.
 */
export async function uninstallService(
  command: Command,
  service: Service,
  edges: ServiceEdges,
): Promise<void> {
  const { io } = command;
  const { kind, path, stop, forget } = service;
  const isThere = path === undefined || ownText(path) !== undefined;
  const failed = isThere ? await runAll(stop, edges) : undefined;
  const removed = isThere && (path !== undefined || failed === undefined);
  if (isThere && path !== undefined) removeFile(path);
  if (isThere) await runAll(forget, edges);
  if (wantsJson(command)) {
    return writeJson(io, {
      uninstalled: removed ? kind : null,
      path: path ?? null,
      stopped: removed && failed === undefined,
    });
  }
  if (!removed) {
    io.err(`Nothing to remove: no ${kind} of tdauth serve is installed.\n`);
    return;
  }
  const { green, yellow, cyan } = style(command, "err");
  io.err(
    `${green("Removed")} the ${kind}${
      path === undefined ? "" : ` ${shown(tilde(command, path))}`
    }. The tokens stay.\n`,
  );
  if (failed === undefined) return;
  io.err(
    `${yellow("Not stopped:")} ${
      shown(failed)
    }. In a session of this user, run: ${cyan(stop.map(lineOf).join("; "))}\n`,
  );
}
