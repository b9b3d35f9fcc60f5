import { isAbsolute } from "../../system/config_dir.ts";
import { workingDirectory } from "../../system/os.ts";

/** The absolute path of a file that a user names. */
export function absolutePath(path: string): string {
  return isAbsolute(path) ? path : `${workingDirectory()}/${path}`;
}
