/** Which file imports which, as Deno resolves it: types and mapped names included. */
import { fileURLToPath } from "node:url";
import { denoProcess } from "../deno.ts";

/** What each file imports: paths from the project's root. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** What is used of the output of `deno info --json`. */
export interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

const ROOT = new URL("../../", import.meta.url);

/**
 * Reads the graph of files by `deno info`. An `import()` of what is no literal
 * is not in it.
 *
 * @param paths Where it begins: paths from the project's root.
 * @returns The project's own files that are reached, without packages.
 * @throws {Error} When Deno cannot read them.
 */
export async function importGraph(paths: readonly string[]): Promise<Graph> {
  return graphOf(await graphInfo(paths), ROOT.href);
}

/**
 * Runs `deno info --json` on several files at once.
 *
 * @param paths Where the graph begins: paths from the project's root.
 * @returns Its output, parsed.
 * @throws {Error} When Deno cannot read them.
 */
export async function graphInfo(paths: readonly string[]): Promise<Info> {
  const entry = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    Deno.writeTextFileSync(
      entry,
      paths.map((path) => `import ${JSON.stringify(new URL(path, ROOT).href)};`)
        .join("\n"),
    );
    const { success, stdout, stderr } = await denoProcess([
      "info",
      "--json",
      "--config",
      fileURLToPath(new URL("deno.json", ROOT)),
      entry,
    ]).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    Deno.removeSync(entry);
  }
}

/**
 * Takes the graph out of what `deno info --json` says.
 *
 * @param info Its output, parsed.
 * @param root The project's URL, with a slash at the end.
 * @returns The sources below the root; each import once, in the file's order.
 */
export function graphOf(info: Info, root: string): Graph {
  const own = (specifier: string) =>
    specifier.startsWith(root) && specifier.endsWith(".ts");
  return new Map(
    info.modules.filter(({ specifier }) => own(specifier)).map((
      { specifier, dependencies = [] },
    ) => [
      specifier.slice(root.length),
      [
        ...new Set(
          dependencies.flatMap(({ code, type }) => [
            code?.specifier ?? "",
            type?.specifier ?? "",
          ]).filter(own)
            .map((target) => target.slice(root.length)),
        ),
      ],
    ]),
  );
}
