/**
 * How tests, tools and benchmarks start Deno. Nothing else in them names its
 * executable (`tools/check_children.ts` sees to it), so that no child can begin
 * to download in the middle of a test: on a fresh machine it would fail where it
 * passes on a used one.
 */

/** The Deno that runs this, for what starts no program of ours with it. */
export const DENO: string = Deno.execPath();

/** Subcommands that run programs, and fetch what these import unless they are told not to. */
const RUNNING: readonly string[] = ["run", "test", "bench"];

/**
 * The words of a command by which this Deno runs a program of ours, with what
 * `fetchPackages()` has fetched and nothing else.
 *
 * @param subcommand `run`, `test` or another of Deno's subcommands.
 * @param args What follows it.
 * @returns The executable and its arguments.
 */
export function deno(
  subcommand: string,
  ...args: readonly string[]
): [string, ...string[]] {
  return [
    DENO,
    subcommand,
    ...(RUNNING.includes(subcommand) ? ["--cached-only"] : []),
    ...args,
  ];
}

/** The same as one line, for a shell and for `--browser`. */
export function denoLine(
  subcommand: string,
  ...args: readonly string[]
): string {
  return deno(subcommand, ...args).map((word) => `"${word}"`).join(" ");
}

/**
 * The same as a process that can be started, whatever its environment is.
 *
 * @param command The subcommand and its arguments.
 * @param options As those of `Deno.Command`.
 */
export function denoProcess(
  [subcommand, ...args]: readonly [string, ...string[]],
  options: Omit<Deno.CommandOptions, "args"> = {},
): Deno.Command {
  const [program, ...words] = deno(subcommand, ...args);
  return new Deno.Command(program, {
    ...options,
    args: words,
    env: { ...denoEnvironment(), ...options.env },
  });
}

/** Variables for a child. */
type Environment =
  & Readonly<Record<string, string>>
  & { readonly DENO_DIR: string };

let environment: Environment | undefined;

/**
 * What a child with another home directory needs to find the packages that were
 * fetched. They are kept by the registry that they came from, which it reads
 * from `.npmrc` in its home directory; npx hands that one's address on.
 *
 * @returns The variables.
 */
export function denoEnvironment(): Environment {
  if (environment === undefined) {
    const { stdout } = new Deno.Command(DENO, { args: ["info", "--json"] })
      .outputSync();
    const registry = Deno.env.get("NPM_CONFIG_REGISTRY") ??
      Deno.env.get("npm_config_registry");
    environment = {
      DENO_DIR: JSON.parse(new TextDecoder().decode(stdout)).denoDir,
      ...(registry !== undefined && { NPM_CONFIG_REGISTRY: registry }),
    };
  }
  return environment;
}
