import type { Provider } from "../../providers/provider.ts";
import { clockFinding } from "./clock.ts";
import { failed, failedWith, type Finding, ok, warning } from "./finding.ts";
import type { Facts } from "./facts.ts";
import { unchosen } from "./settings.ts";
import { probe, type Probed } from "./probe.ts";

/** Probes the provider's endpoints in parallel, without credentials. */
export async function brokerCheck(facts: Facts): Promise<Finding[]> {
  const { named, offline, env } = facts;
  if (named === undefined) return [];
  const { io } = facts.command;
  if (unchosen(facts)) return [ok("broker", "not set up yet")];
  if (offline) return [ok("network", "skipped (--offline)")];
  const proxies = proxyFindings(env);
  let provider: Provider | undefined;
  try {
    provider = await facts.provider();
  } catch (error) {
    const issuer = await probe(named.key, io);
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
  const { authorizationEndpoint, tokenEndpoint, apiOrigin } = provider;
  const asked: Readonly<Record<string, string>> = {
    "login page": authorizationEndpoint,
    "token endpoint": tokenEndpoint,
    ...(apiOrigin !== undefined && { "API": apiOrigin }),
  };
  const answers = await Promise.all(
    Object.entries(asked).map(async ([check, url]) =>
      [check, await probe(url, io)] as const
    ),
  );
  const token = answers.find(([check]) => check === "token endpoint")?.[1];
  return [
    ...proxies,
    ...reached(
      answers,
      facts.settings?.sandbox !== undefined,
      proxied(env),
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

/** Whether plain http, as the practice broker's, goes through a proxy even on this machine. */
function proxied(env: Facts["env"]): boolean {
  const set = (name: string) => env(name) ?? env(name.toLowerCase()) ?? "";
  return (set("HTTP_PROXY") !== "" || set("ALL_PROXY") !== "") &&
    !/(^|,)\s*(\*|127\.0\.0\.1)\s*(,|$)/.test(set("NO_PROXY"));
}

/** The proxies that requests go through, which may hold a password. */
function proxyFindings(env: Facts["env"]): Finding[] {
  const names = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"];
  return names.flatMap((upper) => {
    const lower = upper.toLowerCase();
    const name = env(upper) === undefined ? lower : upper;
    const value = env(name);
    if (value === undefined) return [];
    if (upper === "NO_PROXY") return [ok("proxy", `${name} is ${value}`)];
    if (!URL.canParse(value)) {
      return [
        warning("proxy", `${name} is not a URL, so it is ignored`, {
          fix: `write it like http://proxy.example:3128`,
        }),
      ];
    }
    const { protocol, host, username, password } = new URL(value);
    const who = username === "" && password === "" ? "" : "…@";
    return [ok("proxy", `${name} is ${protocol}//${who}${host}`)];
  });
}
