/** Redis' replies for the audit. */
export interface Surveyed {
  /** Its reply to `INFO`. */
  readonly info: string;
  /** Its reply to `CONFIG GET save`; absent without the permission. */
  readonly save?: string | undefined;
}

/**
 * Lists the settings by which a Redis may evict tokens, or lose them at a
 * restart. Each costs every user a login.
 *
 * @param answers Its replies.
 * @returns A sentence for each problem.
 */
export function auditConfig({ info, save }: Surveyed): string[] {
  const field = (name: string) =>
    new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
  const found: string[] = [];
  if (field("role") === "slave") {
    found.push("this Redis is a read-only replica");
  }
  const policy = field("maxmemory_policy");
  const limited = Number(field("maxmemory")) > 0;
  if (limited && policy !== undefined && policy !== "noeviction") {
    found.push(
      `Redis evicts tokens when its memory is full (maxmemory-policy ${policy}): set it to noeviction`,
    );
  }
  if (field("aof_enabled") === "0") {
    found.push(
      save === ""
        ? "Redis does not persist: after a restart every user must log in again (set appendonly yes)"
        : "Redis does not persist every write: after a restart users with new tokens must log in again (set appendonly yes)",
    );
  }
  return found;
}
