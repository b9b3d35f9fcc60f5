import { withTemporaryFile } from "../system/temporary_file.ts";
import type { VerifiedAuthority } from "./authority.ts";

/**
 * Lets a tool read a CA's certificate from a file that nothing else writes:
 * `ca.pem` may have changed by the time the user confirms the system's prompt.
 *
 * @param authority The CA.
 * @param run Has the tool read the file.
 */
export async function withCaFile(
  { pem }: VerifiedAuthority,
  run: (file: string) => Promise<void>,
): Promise<void> {
  await withTemporaryFile("ca.pem", pem, run);
}
