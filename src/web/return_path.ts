/**
 * Returns where the user lands after a login: a path of the application, never
 * another site, whatever the link.
 *
 * @param text The requested path.
 * @param origin The application's origin.
 * @returns The path with its query and fragment; `undefined` when it leads elsewhere.
 */
export function returnPath(text: string, origin: string): string | undefined {
  // Browsers treat a backslash as a slash, and drop tabs and line ends; so does the parser below.
  if (!text.startsWith("/") || !URL.canParse(text, origin)) return undefined;
  const url = new URL(text, origin);
  if (url.origin !== origin) return undefined;
  const path = `${url.pathname}${url.search}${url.hash}`;
  // "/.//evil.example" has a pathname that is another site's address on its own.
  return path.startsWith("//") ? undefined : path;
}
