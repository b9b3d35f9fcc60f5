import { apiEndpoint, isApiPath } from "./api_endpoint.ts";
import {
  authorizeEndpoint,
  consentForm,
  loginForm,
} from "./authorize_endpoint.ts";
import { type Answer, type Context, json } from "./context.ts";
import { controlEndpoint, type Controls } from "./control_endpoint.ts";
import { faultAnswer, type FaultQueue } from "./fault_queue.ts";
import { homePage } from "./home_page.ts";
import type { HttpAnswer, HttpRequest } from "./http_server.ts";
import type { RequestLog } from "./request_log.ts";
import type { SandboxRequest } from "./sandbox_options.ts";
import { tokenEndpoint } from "./token_endpoint.ts";

/** Handles a request: routes, faults, the log. */
export function requestHandler(
  context: Context,
  controls: Controls,
  faults: FaultQueue,
  log: RequestLog,
  signal: AbortSignal,
): (request: HttpRequest) => Promise<HttpAnswer | "cut"> {
  return async (request) => {
    if (!isHere(controls.url, request.headers.get("host"))) {
      return plain(421, "Misdirected Request");
    }
    const { path } = request;
    if (path === "/" && request.method === "GET") {
      return await homePage(context, controls);
    }
    if (path.startsWith("/sandbox/")) return controlEndpoint(controls, request);
    if (path === "/favicon.ico") return plain(204, "");

    const time = context.now();
    const endpoint = endpointOf(context, path);
    const fault = faults.take(endpoint);
    const answer: Answer = (fault && faultAnswer(fault)) ??
      await route(context, request, endpoint);
    const cut = fault?.cut === true;
    log.add({
      time,
      method: request.method,
      path: path.slice(0, 200),
      endpoint,
      status: cut ? 0 : answer.status,
      ...(answer.grantType && { grantType: answer.grantType }),
      ...(fault !== undefined
        ? { reason: "a planned fault" }
        : answer.reason !== undefined && { reason: answer.reason }),
    });
    if (fault?.delayMs) await delay(fault.delayMs, signal);
    if (cut) return "cut";
    const date = new Date(time).toUTCString(); // a clock that is moved is moved for all to see
    return { ...answer, headers: { date, ...answer.headers } };
  };
}

/** Prevents DNS rebinding: a name other than this machine's means another web page. */
function isHere(url: string, host: string | null): boolean {
  const { port } = new URL(url);
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
}

function endpointOf(
  { preset }: Context,
  path: string,
): SandboxRequest["endpoint"] {
  if (path === preset.tokenPath) return "token";
  if (path === preset.authorizePath) return "authorize";
  return isApiPath(path) ? "api" : "other";
}

function route(
  context: Context,
  request: HttpRequest,
  endpoint: SandboxRequest["endpoint"],
): Promise<Answer> | Answer {
  const { method, path } = request;
  if (endpoint === "token") return tokenEndpoint(context, request);
  if (endpoint === "api") return apiEndpoint(context, request);
  if (endpoint === "authorize") {
    return method === "GET"
      ? authorizeEndpoint(context, request)
      : plain(405, "Method Not Allowed", { allow: "GET" });
  }
  if (path === "/login" && method === "POST") {
    return loginForm(context, request);
  }
  if (path === "/consent" && (method === "GET" || method === "POST")) {
    return consentForm(context, request);
  }
  const { authorizePath, tokenPath } = context.preset;
  return json(
    404,
    { error: "not_found" },
    `there is no such page; this broker's are ${authorizePath} and ${tokenPath}`,
  );
}

function plain(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      ...headers,
    },
    body,
  };
}

function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    if (signal.aborted) done();
    else signal.addEventListener("abort", done, { once: true });
  });
}
