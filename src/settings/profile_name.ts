/**
 * Says whether a profile can have a name: letters, digits, dots, dashes and
 * underscores, no dot or dash at its beginning; 64 at most, for files are named after it.
 *
 * @param name The name.
 */
export function isProfileName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(name) &&
    name !== "__proto__";
}
