/** Which modules a command loads: the runtime's coverage names each that ran. */
import { fileURLToPath } from "node:url";
import { denoProcess } from "../deno.ts";
import { shortened } from "./code_graph.ts";
import { makePlace } from "./places.ts";
import type { Row } from "./rows.ts";

const ROOT = new URL("../../", import.meta.url);

/** A command line in a place, and what it prints there. */
export type Run = Pick<Row, "args" | "place" | "prints">;

/**
 * Runs a command of the project and finds out what it loads, once it has done
 * what it must.
 *
 * @param run The command.
 * @returns The project's files by their paths from its root, packages by their
 * URLs, sorted; or as a string why the command is not what it should be.
 */
export async function loadedModules(
  { args, place, prints }: Run,
): Promise<readonly string[] | string> {
  const directory = Deno.makeTempDirSync({ prefix: "tdauth_startup_" });
  try {
    const coverage = `${directory}/coverage`;
    const { code, stdout, stderr } = await denoProcess([
      "run",
      "-A",
      `--coverage=${coverage}`,
      fileURLToPath(new URL("cli.ts", ROOT)),
      ...args,
    ], { ...makePlace(place, directory), clearEnv: true, stdin: "null" })
      .output();
    const [out = "", err = ""] = [stdout, stderr]
      .map((bytes) => new TextDecoder().decode(bytes));
    const printed = typeof prints === "string"
      ? out === prints
      : prints.test(out);
    if (code !== 0 || !printed) {
      return `ended with ${code} and printed ${JSON.stringify(out)}\n${err}`;
    }
    return [...Deno.readDirSync(coverage)].map(({ name }) => {
      const text = Deno.readTextFileSync(`${coverage}/${name}`);
      const { url }: { readonly url: string } = JSON.parse(text);
      return shortened(url, ROOT.href);
    }).sort();
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}
