import { type Env, realEnv } from "./environment.ts";

/**
 * Finds the proxy that the runtime sends a request through, for messages.
 *
 * @param url Where the request goes.
 * @param env The environment.
 * @returns Its host and port, without a user name and password; `undefined` when
 * there is none.
 */
export function proxyFor(url: string, env: Env = realEnv): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname } = new URL(url);
  const either = (name: string) => env(name) ?? env(name.toLowerCase());
  if (isExempt(hostname, either("NO_PROXY") ?? "")) return undefined;
  const value = either(protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY") ??
    either("ALL_PROXY");
  if (value === undefined) return undefined;
  // A value without a scheme is a host and a port.
  const proxy = value.includes("://") ? value : `http://${value}`;
  return URL.canParse(proxy) ? new URL(proxy).host : undefined;
}

/** Whether a list of names and addresses, each with all that is below it, has the host. */
function isExempt(hostname: string, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return list.split(",").map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== "")
    .some((entry) => {
      const name = entry.replace(/^\*?\./, "");
      return entry === "*" || host === name || host.endsWith(`.${name}`);
    });
}
