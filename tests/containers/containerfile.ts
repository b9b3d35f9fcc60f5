/** Reads the instructions of a Containerfile, as far as ours has them. */

/** An image, as its Containerfile describes it. */
export interface Recipe {
  /** The Debian release that it is made from. */
  readonly release: string;
  /** What makes its files, in order: a file to copy, or a command of its shell. */
  readonly steps: readonly (
    | { readonly copy: string; readonly to: string }
    | { readonly run: string }
  )[];
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly volume: string;
  readonly health: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
}

/**
 * Reads a Containerfile; throws at what it does not know, so that nothing is left out.
 *
 * @param text Its text.
 */
export function readContainerfile(text: string): Recipe {
  const lines = text.split("\n").map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const steps: Recipe["steps"][number][] = [];
  const found = new Map<string, string>();
  for (const line of lines) {
    const [, word = "", rest = ""] = /^([A-Z]+)\s+(.+)$/.exec(line) ?? [];
    switch (word) {
      case "COPY": {
        const [copy = "", to = "", ...more] = rest.split(/\s+/);
        if (more.length > 0 || copy.startsWith("-")) throw unknown(line);
        steps.push({ copy, to });
        break;
      }
      case "RUN":
        steps.push({ run: rest });
        break;
      case "FROM":
      case "USER":
      case "ENV":
      case "WORKDIR":
      case "VOLUME":
      case "HEALTHCHECK":
      case "ENTRYPOINT":
      case "CMD":
        if (found.has(word)) throw unknown(`a second ${word}`);
        found.set(word, rest);
        break;
      default:
        throw unknown(line);
    }
  }
  const need = (word: string) => {
    const rest = found.get(word);
    if (rest === undefined) throw unknown(`no ${word}`);
    return rest;
  };
  const [, release] = /^debian:([a-z]+)-slim$/.exec(need("FROM")) ?? [];
  const [, health] = / CMD (\[.*\])$/.exec(need("HEALTHCHECK")) ?? [];
  if (release === undefined || health === undefined) throw unknown("FROM");
  return {
    release,
    steps,
    user: need("USER"),
    env: Object.fromEntries(
      need("ENV").split(/\s+/).map((pair) => {
        const at = pair.indexOf("=");
        return [pair.slice(0, at), pair.slice(at + 1)];
      }),
    ),
    workdir: need("WORKDIR"),
    volume: need("VOLUME"),
    health: JSON.parse(health),
    entrypoint: JSON.parse(need("ENTRYPOINT")),
    cmd: JSON.parse(need("CMD")),
  };
}

function unknown(what: string): Error {
  return new Error(`containerfile.ts does not know: ${what}`);
}
