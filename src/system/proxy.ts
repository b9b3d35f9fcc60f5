import { type Env, realEnv } from "./environment.ts";

/**
 * Finds the proxy that the runtime sends a request through, for messages. It
 * repeats what Deno's `fetch` was seen to do: `ALL_PROXY` goes before the others,
 * `HTTP_PROXY` is not read under CGI, and an entry of `NO_PROXY` is an address, a
 * range of addresses, or a name with all that is below it.
 *
 * @param url Where the request goes.
 * @param env The environment.
 * @returns Its host and port, without a user name and password; `undefined` when
 * there is none.
 */
export function proxyFor(url: string, env: Env = realEnv): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname } = new URL(url);
  // The first of the two spellings that is set, even if it is empty.
  if (isExempt(hostname, env("NO_PROXY") ?? env("no_proxy") ?? "")) {
    return undefined;
  }
  const own = protocol === "https:"
    ? ["HTTPS_PROXY"]
    : env("REQUEST_METHOD") === undefined
    ? ["HTTP_PROXY"]
    : []; // a client sets that variable of a CGI program by its header "Proxy"
  return ["ALL_PROXY", ...own]
    .flatMap((name) => [env(name), env(name.toLowerCase())])
    .map((value) => proxyUrl(value ?? "")?.host)
    .find((host) => host !== undefined);
}

/**
 * Reads the URL of a proxy as the runtime does.
 *
 * @param value A variable's value: a URL, or a host and a port.
 * @returns The URL; `undefined` where the runtime ignores the value.
 */
export function proxyUrl(value: string): URL | undefined {
  if (value === "" || value.trim() !== value) return undefined;
  const text = value.includes("://") ? value : `http://${value}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return /^(https?|socks5h?):$/.test(url.protocol) && url.host !== ""
    ? url
    : undefined;
}

/**
 * Finds the entries of `NO_PROXY` that exempt nothing, although other programs
 * understand them.
 *
 * @param list The variable's value.
 * @returns Those with capitals, a `*` before a name, brackets or a port.
 */
export function deadEntries(list: string): readonly string[] {
  return entriesOf(list).filter((entry) =>
    entry !== "*" && rangeOf(entry) === undefined &&
    !/^\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/.test(entry)
  );
}

function isExempt(hostname: string, list: string): boolean {
  const host = bitsOf(hostname.replace(/^\[|\]$/g, ""));
  return entriesOf(list).some((entry) => {
    const range = rangeOf(entry);
    if (host !== undefined || range !== undefined) {
      return range !== undefined && host !== undefined &&
        host.length === range.of && host.startsWith(range.bits);
    }
    const name = entry.replace(/^\./, "");
    return entry === "*" || name !== "" &&
        (hostname === name || hostname.endsWith(`.${name}`));
  });
}

function entriesOf(list: string): readonly string[] {
  return list.split(",").map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

/** The addresses of an entry: the bits that they begin with, and of how many. */
function rangeOf(
  entry: string,
): { readonly bits: string; readonly of: number } | undefined {
  const [, address = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ??
    [];
  const bits = bitsOf(address);
  if (bits === undefined || Number(length ?? 0) > bits.length) return undefined;
  return {
    bits: length === undefined ? bits : bits.slice(0, Number(length)),
    of: bits.length,
  };
}

/** The 32 or 128 bits of an address; `undefined` for what is none. */
function bitsOf(address: string): string | undefined {
  const part = "(0|[1-9]\\d{0,2})";
  if (new RegExp(`^${part}(\\.${part}){3}$`).test(address)) {
    const numbers = address.split(".").map(Number);
    return numbers.some((number) => number > 255)
      ? undefined
      : numbers.map((number) => number.toString(2).padStart(8, "0")).join("");
  }
  const url = `http://[${address}]`;
  if (!/^[\da-f:.]+$/i.test(address) || !URL.canParse(url)) return undefined;
  const [before = "", after] = new URL(url).hostname.slice(1, -1).split("::");
  const groups = (text: string) => text === "" ? [] : text.split(":");
  const [left, right] = [groups(before), groups(after ?? "")];
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...(after === undefined ? [] : zeros), ...right]
    .map((group) => parseInt(group, 16).toString(2).padStart(16, "0"))
    .join("");
}
