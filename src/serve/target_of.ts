/** What a request asks for. */
export interface Target {
  /** The path, as it was sent. */
  readonly path: string;
  /** The parameters, each once. */
  readonly query: ReadonlyMap<string, string>;
}

/** What a path and a query may be made of: nothing that two readers could read in two ways. */
const SENT = /^(\/[A-Za-z0-9/_-]*)(?:\?([A-Za-z0-9=&._-]*))?$/;

/**
 * Reads the target of a request at the Unix socket, by one strict rule: what is
 * not plain is none. There `request.url` is the Host as it was sent with the raw
 * target behind it, of which `new URL` would make another path; and Deno's own
 * client sends the absolute form (RFC 9112 §3.2.2), with the host it was given.
 *
 * @param url The request's URL, as Deno has it.
 * @param host Its Host header.
 * @returns The target; `undefined` when it is not plain, has a parameter twice, or names another host.
 */
export function targetOf(url: string, host: string | null): Target | undefined {
  if (host === null || !/^[A-Za-z0-9._:[\]-]{1,255}$/.test(host)) return;
  const start = ["http+unix://", "http://"].map((scheme) => scheme + host)
    .find((start) => url.startsWith(`${start}/`));
  if (start === undefined) return undefined;
  const [, path, search = ""] = SENT.exec(url.slice(start.length)) ?? [];
  if (path === undefined) return undefined;
  const query = new Map<string, string>();
  for (const pair of search === "" ? [] : search.split("&")) {
    const [name = "", value, ...more] = pair.split("=");
    if (value === undefined || more.length > 0 || query.has(name)) return;
    query.set(name, value);
  }
  return { path, query };
}
