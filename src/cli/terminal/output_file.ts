import { TdauthError } from "../../base/errors.ts";
import { isDirectory, isLink, statOf } from "../../system/file_stat.ts";
import { openOutput, type OutputFile } from "../../system/output_file.ts";
import { isNotFound } from "../../system/system_error.ts";

/**
 * Opens the file that `--output` names, as {@linkcode openOutput} does.
 *
 * @param name The file, which need not exist.
 * @returns The open file; its `finish` throws `invalid_options` as well.
 * @throws {TdauthError} `invalid_options` when it cannot be written.
 */
export function openOutputFile(name: string): OutputFile {
  const file = writing(name, () => openOutput(name));
  return { ...file, finish: () => writing(name, file.finish) };
}

function writing<T>(name: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new TdauthError(
      "invalid_options",
      `Cannot write "${name}" for --output: ${
        name === ""
          ? "no file specified"
          : leadsNowhere(name)
          ? "its link leads nowhere writable"
          : isNotFound(cause)
          ? "there is no such directory"
          : isDirectory(name)
          ? "it is a directory"
          : "it is not writable"
      }`,
      { hint: "use a writable file", cause },
    );
  }
}

function leadsNowhere(name: string): boolean {
  try {
    return isLink(name) && statOf(name) === undefined;
  } catch {
    return false;
  }
}
