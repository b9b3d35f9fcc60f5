/** What a survey asks Redis. */
export interface Surveyed {
  /** Its answer to `INFO`. */
  readonly info: string;
  /** Its answer to `CONFIG GET save`; absent where it is not told. */
  readonly save?: string | undefined;
}

/**
 * What is wrong with a Redis that is to keep tokens: it may drop them, or lose
 * them when it ends. Each is a login for every user.
 *
 * @param answers What it says of itself.
 * @returns A sentence for each.
 */
export function auditConfig({ info, save }: Surveyed): string[] {
  const field = (name: string) =>
    new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
  const found: string[] = [];
  if (field("role") === "slave") {
    found.push("this Redis is a replica, which takes no writes");
  }
  const policy = field("maxmemory_policy");
  const limited = Number(field("maxmemory")) > 0;
  if (limited && policy !== undefined && policy !== "noeviction") {
    found.push(
      `Redis drops tokens when its memory is full (maxmemory-policy ${policy}): set it to noeviction`,
    );
  }
  if (field("aof_enabled") === "0") {
    found.push(
      save === ""
        ? "Redis keeps nothing on disk: when it ends, every user must log in again (set appendonly yes)"
        : "Redis does not put every write on disk: when it ends, users whose tokens were new must log in again (set appendonly yes)",
    );
  }
  return found;
}
