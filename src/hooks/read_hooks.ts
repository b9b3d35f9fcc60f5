import { TdauthError } from "../base/errors.ts";
import { shellWord } from "../base/shell_word.ts";
import { configPath, readConfig } from "../settings/config_file.ts";
import { statOf } from "../system/file_stat.ts";
import { userId } from "../system/os.ts";
import { ifThere } from "../system/read_text.ts";
import type { Hook } from "./hook.ts";
import { parseHooks } from "./parse_hooks.ts";

/**
 * Reads the hooks of `config.json`, which is the one place for them: nothing that
 * lies in a working directory can have a program run.
 *
 * @param configDir The configuration directory.
 * @returns The hooks, in order; none when there is no such file.
 * @throws {TdauthError} `invalid_options` when the file or a hook in it is wrong,
 * or when another user could have written it.
 */
export function readHooks(configDir: string): readonly Hook[] {
  const path = configPath(configDir);
  const hooks = parseHooks(readConfig(configDir)["hooks"], path);
  if (hooks.length > 0) refuseOthers(path);
  return hooks;
}

/** A hook is a program that runs as this user. */
function refuseOthers(path: string): void {
  const stat = ifThere(() => statOf(path));
  const user = userId();
  if (stat?.uid === undefined || user === undefined) return; // Windows
  const wrong = stat.uid !== user && stat.uid !== 0
    ? { why: "it belongs to another user", fix: "sudo chown root" }
    : ((stat.mode ?? 0) & 0o022) !== 0
    ? { why: "others can write it", fix: "chmod 600" }
    : undefined;
  if (wrong === undefined) return;
  throw new TdauthError(
    "invalid_options",
    `Cannot use the hooks in "${path}": ${wrong.why}`,
    { hint: `${wrong.fix} ${shellWord(path)}` },
  );
}
