/**
 * Starts Deno for tests, tools and benchmarks. Nothing else in them names its
 * executable (`tools/check_children.ts` checks that), so that no child can start
 * a download in the middle of a test: that would fail only on a fresh machine.
 */

/** The Deno that runs this, for other uses than running the project's programs. */
export const DENO: string = Deno.execPath();

/** Subcommands that run programs, and download their imports by default. */
const RUNNING: readonly string[] = ["run", "test", "bench"];

/**
 * Returns the command by which this Deno runs one of the project's programs, only
 * with the packages that `fetchPackages()` has downloaded.
 *
 * @param subcommand `run`, `test` or another of Deno's subcommands.
 * @param args Its arguments.
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
 * The same as a process to start, with any environment.
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
 * Returns what a child with another home directory needs to find the downloaded
 * packages. They are cached by their registry, which it reads from `.npmrc` in
 * its home directory; npx passes that one's address on.
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
