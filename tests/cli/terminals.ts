/** Whether there is a program that gives a command a terminal of its own. */

const script = hasScript();

function hasScript(): boolean {
  try {
    const { stdout } = new Deno.Command("script", { args: ["--version"] })
      .outputSync();
    return new TextDecoder().decode(stdout).includes("util-linux");
  } catch {
    return false;
  }
}

/** The name of a test that needs a terminal; it is ignored, with the reason, where there is none. */
export function needsScript(name: string): { name: string; ignore: boolean } {
  return script ? { name, ignore: false } : {
    name: `${name} (ignored: there is no util-linux script)`,
    ignore: true,
  };
}

/**
 * How util-linux's `script` runs a command in a terminal that echoes what is
 * typed, as a person's does, with our pipes at the terminal's other end.
 */
export function inTerminal(command: readonly string[]): string[] {
  const words = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  // Without `exec` the shell between would answer Ctrl-C, too.
  return ["-qefE", "always", "-c", `exec ${words.join(" ")}`, "/dev/null"];
}
