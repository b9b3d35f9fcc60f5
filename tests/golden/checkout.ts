/** For `write.ts`: the checkout that writes the golden files, and what it writes. */
import { NOW, WRITTEN } from "./place.ts";

/** The commit whose code writes. */
export const COMMIT = "c2180da45cf0732de4905a801af09fb0e955c4da";
/** The checkout. */
export const TREE: string = Deno.realPathSync(Deno.args[0] ?? "");

/** Loads a module of the checkout, whose types are not known here. */
// deno-lint-ignore no-explicit-any -- that code is not of this project any more
export function old(path: string): Promise<any> {
  return import(`file://${TREE}/${path}`);
}

const { AccessToken, RefreshToken } = await old("mod.ts");

/** Fails when the checkout is of another commit. */
export async function checkCommit(): Promise<void> {
  const { stdout } = await new Deno.Command("git", {
    args: ["-C", TREE, "rev-parse", "HEAD"],
  }).output();
  const head = new TextDecoder().decode(stdout).trim();
  if (head !== COMMIT) throw new Error(`${TREE} is at ${head}, not ${COMMIT}`);
}

/** Tokens by their name, got so many seconds before {@linkcode NOW}. */
export function tokens(
  name: string,
  age: number,
  expiresIn: number | null = 604_800,
): Record<string, unknown> {
  const now = () => NOW * 1000;
  return {
    accessToken: new AccessToken({
      token: `CANARY-golden-access-${name}`,
      accessTime: NOW - age,
      expiresIn: 1800,
    }, now),
    refreshToken: new RefreshToken({
      token: `CANARY-golden-refresh-${name}`,
      accessTime: NOW - age,
      expiresIn: expiresIn ?? Infinity,
    }, now),
    loginTime: NOW - 86_400,
    scope: "api",
  };
}

/** Writes a golden file that is JSON. */
export function write(name: string, value: unknown): void {
  Deno.writeTextFileSync(
    `${WRITTEN}/${name}`,
    JSON.stringify(value, undefined, 2) + "\n",
  );
}
