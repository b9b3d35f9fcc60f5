import { callbackHosts } from "../../login/callback_server.ts";
import { checkCallbackUrl } from "../../login/callback_url.ts";
import { addressText, listenError } from "../../login/listen_error.ts";
import { tryToListen } from "../../system/listen.ts";
import { isMissingAddress, isPortInUse } from "../../system/system_error.ts";
import {
  failed,
  failedWith,
  type Finding,
  type Fix,
  ok,
  warning,
} from "./finding.ts";
import { holderText, portHolder } from "./lock_holder.ts";
import { lockState } from "./lock.ts";
import type { Facts } from "./facts.ts";

/** Checks the callback URL and its port. */
export async function callbackCheck(facts: Facts): Promise<Finding[]> {
  const { settings } = facts;
  if (settings === undefined) return [];
  const { callbackUrl, sources } = settings;
  if (callbackUrl === undefined) {
    if (settings.keeper !== undefined) return []; // logins are there
    return [
      failed("callback URL", "not set, so logins are impossible", {
        fix: "set the one registered with the broker",
        command: ["configure"],
      }),
    ];
  }
  const shown = `${callbackUrl} (${sources.callbackUrl ?? "default"})`;
  try {
    const provider = await facts.provider().catch(() => undefined);
    const { warnings } = checkCallbackUrl(callbackUrl, provider);
    return [
      ok("callback URL", shown),
      ...warnings.map((what) => warning("callback URL", what, COMPARE)),
      ...portFindings(facts, callbackUrl),
    ];
  } catch (error) {
    return [failedWith("callback URL", error)];
  }
}

const COMPARE: Fix = {
  fix: "compare it with the registered one, and change both if necessary",
  command: ["configure"],
};

/** Listens briefly wherever a login would. */
function portFindings(facts: Facts, callbackUrl: string): Finding[] {
  const url = new URL(callbackUrl);
  const hosts = callbackHosts(callbackUrl);
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const free: string[] = [];
  for (const hostname of hosts) {
    try {
      tryToListen(hostname, port);
      free.push(addressText(hostname, port));
    } catch (error) {
      // As in a login: a machine without IPv6 has no ::1, and its browser does not try it.
      if (hostname === "::1" && free.length > 0 && isMissingAddress(error)) {
        continue;
      }
      return [taken(facts, error, hostname, port)];
    }
  }
  return free.length === 0
    ? []
    : [ok("port", `available: ${free.join(" and ")}`)];
}

function taken(
  { tokenPath }: Facts,
  cause: unknown,
  hostname: string,
  port: number,
): Finding {
  const inUse = isPortInUse(cause);
  const holder = inUse ? portHolder(port) : undefined;
  const who = holder === undefined ? "" : ` (${holderText(holder)})`;
  if (
    inUse && tokenPath !== undefined && lockState(tokenPath, "login") !== "free"
  ) {
    return warning("port", `another login is waiting on port ${port}${who}`, {
      fix: "complete it in the browser, or cancel it with Ctrl-C",
    });
  }
  const error = listenError(cause, hostname, port);
  return failed("port", `${lower(error.message)}${who}`, {
    ...(holder !== undefined
      ? { fix: "end that program, or register another port with the broker" }
      : error.hint !== undefined && { fix: error.hint.steps }),
    ...(holder !== undefined && { command: `ps -fp ${holder.pid}` }),
  });
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
