import { childEnvironment } from "../system/config_dir.ts";
import type { Command } from "./command_context.ts";
import { manPage } from "./man_page.ts";

/** Shows the manual with the system's `man` on a terminal, and prints its source elsewhere. */
export async function manCommand({ io }: Command): Promise<void> {
  const page = manPage(io);
  if (!io.terminal.out || !await shown(page)) io.out(page);
}

/** Whether there is a program that shows it: `man`, which takes a file of any name. */
async function shown(page: string): Promise<boolean> {
  if (Deno.build.os === "windows") return false;
  const path = Deno.makeTempFileSync({ prefix: "tdauth", suffix: ".1" });
  try {
    Deno.writeTextFileSync(path, page);
    const { success } = await new Deno.Command("man", {
      args: [path],
      stderr: "null",
      ...childEnvironment("viewer"), // it starts a pager, which may start anything
    }).spawn().status;
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  } finally {
    Deno.removeSync(path);
  }
}
