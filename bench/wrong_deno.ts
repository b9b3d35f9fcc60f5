import { DENO_VERSION } from "../src/base/deno_version.ts";

/**
 * Returns why this Deno is the wrong one: the targets are for one version.
 *
 * @param version The version of this Deno. Default: the real one.
 * @returns The reason, or `undefined` when it is the right one.
 */
export function wrongDeno(
  version: string = Deno.version.deno,
): string | undefined {
  if (version === DENO_VERSION) return undefined;
  return `Cannot measure with Deno ${version}: the targets are for ${DENO_VERSION} (npx -y deno@${DENO_VERSION} task bench)`;
}
