import type { ServiceEdges } from "./service.ts";

/**
 * Asks whether this user's services go on after a logout (loginctl(1)).
 *
 * @param edges The machine.
 * @returns The answer; `undefined` where no one knows it.
 */
export async function lingering(
  { run }: ServiceEdges,
): Promise<{ readonly on: boolean } | undefined> {
  try {
    const { code, stdout } = await run({
      program: "loginctl",
      args: ["show-user", "--property=Linger", "--value"],
    });
    const said = stdout.trim();
    if (code !== 0 || !/^(?:yes|no)$/.test(said)) return undefined;
    return { on: said === "yes" };
  } catch {
    return undefined;
  }
}
