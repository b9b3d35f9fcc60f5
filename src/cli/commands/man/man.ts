import { childEnvironment } from "../../../system/child_environment.ts";
import { startProgram } from "../../../system/child_program.ts";
import { OS } from "../../../system/os.ts";
import { isNotFound } from "../../../system/system_error.ts";
import { withTemporaryFile } from "../../../system/temporary_file.ts";
import type { Command } from "../../grammar/command.ts";
import { loadCommands } from "../../grammar/named_command.ts";
import { SECRET_VARIABLES } from "../../../settings/variable_table.ts";
import { manPage } from "./man_page.ts";

/** Shows the manual with the system's `man` on a terminal, and prints its source elsewhere. */
export async function showManual({ io, commands }: Command): Promise<void> {
  const page = manPage(await loadCommands(commands));
  if (!io.terminal.out || !await shown(page)) io.out(page);
}

/** Shows a page with `man`, which accepts any file name; returns whether it could. */
async function shown(page: string): Promise<boolean> {
  if (OS === "windows") return false;
  return await withTemporaryFile("tdauth.1", page, async (path) => {
    try {
      const { ended } = startProgram("man", [path], {
        environment: childEnvironment("viewer", { secrets: SECRET_VARIABLES }), // it starts a pager, which may start anything
        stdio: "inherit",
        silent: true,
      });
      return (await ended).code === 0;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  });
}
