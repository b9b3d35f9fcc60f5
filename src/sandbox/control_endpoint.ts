import { type Answer, json } from "./context.ts";
import { parseFault } from "./fault_queue.ts";
import type { HttpRequest } from "./http_server.ts";
import type { Sandbox } from "./sandbox.ts";

/** What other processes may do with a sandbox. */
export type Controls = Pick<
  Sandbox,
  "url" | "now" | "advance" | "requests" | "failNext" | "revokeAll"
>;

/** `/sandbox/…`: the clock, the log, faults and revocation for other processes. */
export function controlEndpoint(
  controls: Controls,
  request: HttpRequest,
): Answer {
  const { method, path, headers } = request;
  const posts = path !== "/sandbox/requests" && path !== "/sandbox/clock";
  if (method !== (posts ? "POST" : "GET")) {
    return json(405, { error: `use ${posts ? "POST" : "GET"}` }, undefined, {
      allow: posts ? "POST" : "GET",
    });
  }
  if (posts && !isDeliberate(headers)) {
    return json(403, {
      error:
        "send content-type: application/json or an x-sandbox header, so that no web page can do this",
    });
  }
  const answer = act(controls, request);
  const form = /^application\/x-www-form-urlencoded/i.test(
    headers.get("content-type") ?? "",
  );
  // The home page's own forms go back to the home page.
  return posts && form && answer.status === 200 && !headers.has("x-sandbox")
    ? { status: 303, headers: { location: "/" }, body: "" }
    : answer;
}

/**
 * A page of another origin can send neither of the two headers without a
 * preflight (Fetch, "CORS-preflight"), and cannot choose its Origin.
 */
function isDeliberate(headers: Headers): boolean {
  return headers.has("x-sandbox") ||
    /^application\/json\s*(;|$)/i.test(headers.get("content-type") ?? "") ||
    headers.get("origin") === `http://${headers.get("host")}`;
}

function act(controls: Controls, { path, query, body }: HttpRequest): Answer {
  try {
    switch (path) {
      case "/sandbox/requests":
        return json(200, controls.requests);
      case "/sandbox/clock":
        return json(200, clock(controls));
      case "/sandbox/advance": {
        const form = new URLSearchParams(body);
        const seconds = query.get("seconds") ?? form.get("seconds") ?? "";
        controls.advance(
          seconds.trim() === "" ? NaN : Number(seconds),
        );
        return json(200, clock(controls));
      }
      case "/sandbox/revoke":
        controls.revokeAll();
        return json(200, {});
      case "/sandbox/fail":
        controls.failNext(parseFault(body));
        return json(200, {});
    }
  } catch (error) {
    return json(400, {
      error: error instanceof Error ? error.message : "not understood",
    });
  }
  return json(404, { error: "there is no such control" });
}

function clock(controls: Controls): { now: number; iso: string } {
  const now = controls.now();
  return { now, iso: new Date(now).toISOString() };
}
