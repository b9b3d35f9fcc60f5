import type { Provider } from "../../providers/provider.ts";
import { clockFinding } from "./clock.ts";
import { failed, failedWith, type Finding, ok, warning } from "./finding.ts";
import type { Facts } from "./facts.ts";
import { unchosen } from "./settings.ts";
import { probe, type Probed } from "./probe.ts";
import { deadEntries, proxyFor, proxyUrl } from "../../system/proxy.ts";

/** Probes the provider's endpoints in parallel, without credentials. */
export async function brokerCheck(facts: Facts): Promise<Finding[]> {
  const { named, offline, env } = facts;
  if (named === undefined || facts.settings?.keeper !== undefined) return [];
  const { io } = facts.command;
  if (unchosen(facts)) return [ok("broker", "not set up yet")];
  if (offline) return [ok("network", "skipped (--offline)")];
  const proxies = proxyFindings(env);
  let provider: Provider | undefined;
  try {
    provider = await facts.provider();
  } catch (error) {
    const issuer = await probe(named.key, io, facts.settings?.userAgent);
    return [
      ...proxies,
      issuer.status === undefined
        ? unreachable("issuer", issuer)
        : failedWith("issuer", error),
    ];
  }
  if (provider === undefined) return proxies;
  if (provider.closed !== undefined) {
    const { why, hint } = provider.closed;
    return [failed("broker", why, { fix: hint })];
  }
  const { authorizationEndpoint, tokenEndpoint, apiOrigin, userAgent } =
    provider;
  const asked: Readonly<Record<string, string>> = {
    "login page": authorizationEndpoint,
    "token endpoint": tokenEndpoint,
    ...(apiOrigin !== undefined && { "API": apiOrigin }),
  };
  const answers = await Promise.all(
    Object.entries(asked).map(async ([check, url]) =>
      [check, await probe(url, io, userAgent)] as const
    ),
  );
  const token = answers.find(([check]) => check === "token endpoint")?.[1];
  return [
    ...proxies,
    ...reached(
      answers,
      facts.settings?.sandbox !== undefined,
      proxyFor(tokenEndpoint, env) !== undefined,
    ),
    ...(token === undefined
      ? []
      : clockFinding(token, facts.settings?.sandbox !== undefined, env)),
  ];
}

/** Reports an unreachable server once, not per endpoint. */
function reached(
  answers: readonly (readonly [string, Probed])[],
  sandbox: boolean,
  proxied: boolean,
): Finding[] {
  const silent = new Map<string, Finding>();
  const findings = answers.flatMap(([check, answer]) => {
    if (answer.status !== undefined) {
      return [answered(check, answer.url, answer.status, answer.took)];
    }
    const { what, ...rest } = unreachable(check, answer);
    const known = silent.get(what);
    silent.set(what, {
      what,
      ...rest,
      ...(known !== undefined && { check: "broker" }),
      ...(sandbox && {
        fix: proxied
          ? "set NO_PROXY=127.0.0.1, because the proxy is also used for this machine; or restart the practice broker"
          : "restart the practice broker",
        command: ["sandbox"],
      }),
    });
    return [];
  });
  return [...findings, ...silent.values()];
}

function answered(
  check: string,
  url: string,
  status: number,
  took: number,
): Finding {
  const { origin } = new URL(url);
  return status === 429 || status >= 500
    ? warning(check, `${origin} returns an error: ${status}`, {
      fix: "try again later; stored tokens are kept",
    })
    : ok(check, `${origin} responds (${status}, ${Math.round(took)} ms)`);
}

function unreachable(
  check: string,
  { url, why = "", remedy }: Probed,
): Finding {
  return failed(check, `${new URL(url).origin}: ${why}`, remedy);
}

/** The proxies that requests go through, which may hold a password. */
function proxyFindings(env: Facts["env"]): Finding[] {
  const all = usedVariable(env, "ALL_PROXY");
  return [
    ...["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].flatMap((name) =>
      proxyFinding(env, name, all)
    ),
    ...exemptions(env),
  ];
}

function proxyFinding(
  env: Facts["env"],
  upper: string,
  before: Variable | undefined,
): Finding[] {
  const used = usedVariable(env, upper);
  if (used === undefined) return [];
  const { name, url } = used;
  if (url === undefined) {
    return [
      warning("proxy", `${name} is not a proxy's URL, so it is ignored`, {
        fix: `write it like http://proxy.example:3128`,
      }),
    ];
  }
  const { protocol, host, username, password } = url;
  const who = username === "" && password === "" ? "" : "…@";
  const shown = `${name} is ${protocol}//${who}${host}`;
  return [
    ok(
      "proxy",
      before?.url === undefined || upper === "ALL_PROXY"
        ? shown
        : `${shown}; ${before.name} is used in its place`,
    ),
  ];
}

/** What a variable, in capitals or not, says of a proxy. */
interface Variable {
  readonly name: string;
  /** The proxy; absent when the runtime ignores the variable. */
  readonly url?: URL;
}

/** The spelling of a variable that the runtime uses; `undefined` when neither has a value. */
function usedVariable(
  env: Facts["env"],
  upper: string,
): Variable | undefined {
  const set = [upper, upper.toLowerCase()].flatMap((name) => {
    const value = env(name) ?? "";
    const url = proxyUrl(value);
    return value === "" ? [] : [{ name, ...(url !== undefined && { url }) }];
  });
  return set.find(({ url }) => url !== undefined) ?? set[0];
}

/** What goes through no proxy, and the entries that have no effect here. */
function exemptions(env: Facts["env"]): Finding[] {
  const name = env("NO_PROXY") === undefined ? "no_proxy" : "NO_PROXY";
  const value = env(name) ?? "";
  if (value === "") return [];
  const dead = deadEntries(value);
  return [
    dead.length === 0 ? ok("proxy", `${name} is ${value}`) : warning(
      "proxy",
      `${name} is ${value}, of which ${dead.join(", ")} has no effect`,
      {
        fix:
          "write a name in lower case, which exempts all below it, or an address or a range like 10.0.0.0/8; without *, brackets or a port",
      },
    ),
  ];
}
