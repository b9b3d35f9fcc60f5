/** Whether an error says that there is no such file, directory or program. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound;
}

/** Whether an error says that the operating system denied access. */
export function isDenied(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied;
}

/** Whether an error says that the script was started without the permission (`--allow-…`). */
export function isNotPermitted(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable;
}

/** Whether an error says that something of that name exists. */
export function isAlreadyThere(error: unknown): boolean {
  return error instanceof Deno.errors.AlreadyExists;
}

/** Whether an error says that a part of the path is not a directory. */
export function isNotDirectory(error: unknown): boolean {
  return error instanceof Deno.errors.NotADirectory ||
    // Some systems have no separate name for it.
    (error instanceof Error && /not a directory/i.test(error.message));
}

/** Whether an error says that another program listens on the port. */
export function isPortInUse(error: unknown): boolean {
  return error instanceof Deno.errors.AddrInUse;
}

/** Whether an error says that this machine does not have the address. */
export function isMissingAddress(error: unknown): boolean {
  return error instanceof Deno.errors.AddrNotAvailable ||
    error instanceof Error && /os error (?:97|47|10047)\b/.test(error.message); // EAFNOSUPPORT
}

/** Whether an error says that the reader of a pipe has ended. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe;
}

/** Whether an error says that the system uses the file itself: it is mounted by itself (EBUSY). */
export function isBusy(error: unknown): boolean {
  return error instanceof Deno.errors.Busy ||
    error instanceof Error && /\bos error 16\b/.test(error.message);
}

/** Whether an error says that the file system is mounted read-only (EROFS). */
export function isReadOnly(error: unknown): boolean {
  return error instanceof Error && /read-only/i.test(error.message);
}

/**
 * Returns in a few words why a file cannot be used, without the path, which is in
 * the surrounding message.
 *
 * @param cause What the runtime threw.
 * @returns The words.
 */
export function reason(cause: unknown): string {
  if (isNotFound(cause)) return "it does not exist";
  if (isDenied(cause)) return "permission denied";
  if (isNotPermitted(cause)) {
    return "this script lacks the permission (--allow-read, --allow-write)";
  }
  if (isAlreadyThere(cause)) return "a file with that name exists";
  return errorText(cause);
}

/**
 * Returns the runtime's message for an error.
 *
 * @param cause What it threw.
 * @returns Its message, without the system's error number and what follows it.
 */
export function errorText(cause: unknown): string {
  return cause instanceof Error
    ? cause.message.replace(/\s*\(os error \d+\).*$/s, "")
    : String(cause);
}
