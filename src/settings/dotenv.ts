/** Gives the `TD_…` variables of `.env` in the working directory. */
export type ReadDotenv = () => Promise<Readonly<Record<string, string>>>;

/**
 * Reads `.env` in the working directory: its `TD_…` variables and no others.
 *
 * @returns The variables; none when there is no such file or no permission to read it.
 */
export async function readDotenv(): Promise<Readonly<Record<string, string>>> {
  let text: string;
  try {
    text = Deno.readTextFileSync(".env");
  } catch {
    return {};
  }
  if (!text.includes("TD_")) return {};
  // Only now: importing it takes longer than everything else on the way to a cached token.
  const { parseEnv } = await import("node:util");
  const parsed = parseEnv(text);
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (name.startsWith("TD_") && value) variables[name] = value;
  }
  return variables;
}
