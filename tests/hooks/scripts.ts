/** Hooks of tests: scripts that write down what they are told. */

/** A script that appends one line to a file: its environment's event, profile, provider and due, and its stdin. */
export function recorder(directory: string): {
  readonly run: readonly [string, ...string[]];
  readonly lines: () => readonly string[];
  /** All that the hook has seen: environment, arguments and stdin. */
  readonly seen: () => string;
} {
  const script = `${directory}/recorder.sh`;
  const told = `${directory}/told`;
  const seen = `${directory}/seen`;
  Deno.writeTextFileSync(
    script,
    `echo "$TDAUTH_EVENT $TDAUTH_PROFILE $TDAUTH_PROVIDER $TDAUTH_DUE" >>'${told}'
{ env; echo "$0 $*"; cat; } >>'${seen}'
`,
  );
  const read = (path: string) => {
    try {
      return Deno.readTextFileSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  };
  return {
    run: ["sh", script, "--quick"],
    lines: () => read(told).split("\n").filter((line) => line !== ""),
    seen: () => read(seen),
  };
}
