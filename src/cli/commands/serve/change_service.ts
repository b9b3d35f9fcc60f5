import { TdauthError } from "../../../base/errors.ts";
import { startWords } from "../../../system/called.ts";
import { childEnvironment } from "../../../system/child_environment.ts";
import { platformConfigDir } from "../../../system/config_dir.ts";
import { OS, userId } from "../../../system/os.ts";
import { runProgram } from "../../../system/run_program.ts";
import type { Settings } from "../../../settings/settings.ts";
import { commandSettings } from "../../account/prepare_command.ts";
import type { Command } from "../../grammar/command.ts";
import { checkSeals } from "./check_seals.ts";
import { installService } from "./install_service.ts";
import { launchdService } from "./launchd_service.ts";
import type { Service, ServiceEdges } from "./service.ts";
import { checkWords } from "./service_words.ts";
import { systemdService } from "./systemd_service.ts";
import { uninstallService } from "./uninstall_service.ts";
import { windowsService } from "./windows_service.ts";

/** How long one of the system's programs may take, in milliseconds. */
const LIMIT = 30_000;

const REAL: ServiceEdges = {
  os: OS,
  words: startWords(),
  run: (call) =>
    runProgram(call, { ...childEnvironment("tool"), limit: LIMIT }),
};

/**
 * Installs the server as a service of the user's system, or removes it.
 *
 * @param command The command.
 * @param what Which of the two.
 * @param edges The machine.
 * @throws {TdauthError} `invalid_options` when it could not work at the next start.
 */
export async function changeService(
  command: Command,
  what: { readonly install: boolean; readonly uninstall: boolean },
  edges: ServiceEdges = REAL,
): Promise<void> {
  if (what.install && what.uninstall) {
    throw new TdauthError(
      "invalid_options",
      "Cannot change the service: --install and --uninstall are opposites",
      { hint: "give one of the two" },
    );
  }
  const settings = await commandSettings(command);
  const service = serviceFor(command, settings, edges);
  if (what.uninstall) return await uninstallService(command, service, edges);
  await checkSeals(command, settings);
  checkWords(edges.words, command.io.env);
  await installService(command, service, edges);
}

/** The service of this system, for these settings. */
function serviceFor(
  { io }: Command,
  { configDir, tokenDir, profile, sources }: Settings,
  { os, words }: ServiceEdges,
): Service {
  const home = io.env("HOME");
  // A service has the home directory, and nothing of what a shell sets.
  const own = os === "windows"
    ? platformConfigDir(io.env, os)
    : platformConfigDir((name) => name === "HOME" ? home : undefined, os);
  const parts = {
    words: [
      ...words,
      "serve",
      ...(configDir === own ? [] : ["--config-dir", configDir]),
      ...(sources.profile === "flag" ? ["--profile", profile] : []),
    ],
    variables: {
      ...(sources.tokenDir !== undefined && { TD_TOKEN_DIR: tokenDir }),
    },
  };
  if (os === "windows") return windowsService(parts);
  if (home?.startsWith("/") !== true) {
    throw new TdauthError(
      "invalid_options",
      "Cannot find where services are: HOME is not set",
      { hint: "run it as the user whose tokens it keeps fresh" },
    );
  }
  return os === "darwin"
    ? launchdService(parts, home, userId() ?? 0)
    : systemdService(parts, io.env, home);
}
