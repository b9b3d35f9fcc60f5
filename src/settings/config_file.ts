import { type ConfigFile, readConfigFile } from "./read_config.ts";
import { failWithError } from "./setting_error.ts";

export { type ConfigFile, configPath } from "./read_config.ts";

/**
 * Reads `config.json`.
 *
 * @param configDir The configuration directory.
 * @returns The file; without profiles when there is none.
 * @throws {TdauthError} `invalid_options` when it cannot be read or is not what tdauth writes.
 */
export function readConfig(configDir: string): ConfigFile {
  return readConfigFile(configDir, failWithError);
}
