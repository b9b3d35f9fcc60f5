import { decodeText } from "../base/decode_text.ts";
import { userId } from "../system/os.ts";
import { readRegular } from "../system/read_text.ts";

/** The longest file of a secret, in bytes. */
const LONGEST = 65_536;

/** Why a file is not used as a secret. */
export class SecretFileError extends Error {
  /** The command that fixes it, up to the file. */
  readonly fix: string | undefined;

  /**
   * @param message Why.
   * @param fix The command that fixes it, up to the file.
   */
  constructor(message: string, fix?: string) {
    super(message);
    this.fix = fix;
  }
}

/**
 * Reads a secret from a file: a regular one once links are resolved, as in a
 * volume of Kubernetes; of this user, or of root, as in a mount; no one else may
 * write it, nor read this user's own. One newline at its end is not part of it.
 *
 * @param path The file.
 * @returns The secret.
 * @throws {SecretFileError} When it is not such a file.
 * @throws {Error} When it cannot be read.
 */
export function readSecretFile(path: string): string {
  const { bytes, info: { mode, uid } } = readRegular(path, LONGEST);
  const user = userId();
  if (mode !== null && uid !== null && user !== undefined) {
    if (uid !== user && uid !== 0) {
      throw new SecretFileError(
        "it belongs to another user",
        "sudo chown root",
      );
    }
    if ((mode & 0o022) !== 0) {
      throw new SecretFileError("others can write it", "chmod 600");
    }
    // Root decides about its own: a mount of secrets is often open to all of a container.
    if (uid !== 0 && (mode & 0o077) !== 0) {
      throw new SecretFileError("others can read it", "chmod 600");
    }
  }
  const secret = decoded(bytes).replace(/\r?\n$/, "");
  if (secret.trim() === "") throw new SecretFileError("it is empty");
  return secret;
}

function decoded(bytes: Uint8Array): string {
  const text = decodeText(bytes);
  if (text === undefined) throw new SecretFileError("it is not text");
  return text;
}
