import type { HttpAnswer } from "./http_server.ts";
import type { SandboxFault } from "./sandbox_options.ts";

const ENDPOINTS = ["token", "api", "authorize"] as const;

/** The faults that wait for a request. */
export class FaultQueue {
  readonly #queue: { readonly fault: SandboxFault; left: number }[] = [];

  /** @throws {RangeError} when a value in it makes no sense. */
  add(fault: SandboxFault): void {
    const { endpoint = "token", status, times = 1, delayMs = 0 } = fault;
    if (!ENDPOINTS.includes(endpoint)) {
      throw new RangeError(
        `Cannot plan a fault: endpoint must be one of ${ENDPOINTS.join(", ")}`,
      );
    }
    whole("status", status ?? 503, 200, 599);
    whole("times", times, 1, 1_000_000);
    whole("delayMs", delayMs, 0, 600_000);
    // Throws here, when planned, if a header's name or value is invalid.
    new Headers(fault.headers);
    this.#queue.push({ fault: { ...fault, endpoint }, left: times });
  }

  /** Takes the fault for the next request to an endpoint. */
  take(endpoint: string): SandboxFault | undefined {
    const index = this.#queue.findIndex(({ fault }) =>
      fault.endpoint === endpoint
    );
    const found = this.#queue[index];
    if (found !== undefined && --found.left === 0) this.#queue.splice(index, 1);
    return found?.fault;
  }
}

function whole(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(
      `Cannot plan a fault: ${name} must be an integer from ${min} to ${max}`,
    );
  }
}

/** Returns a fault's response instead of the real one; undefined when the request is still processed. */
export function faultAnswer(fault: SandboxFault): HttpAnswer | undefined {
  const { status, body, contentType, headers, cut, delayMs } = fault;
  if (cut === true) return undefined;
  if (status === undefined && body === undefined && delayMs !== undefined) {
    return undefined;
  }
  const code = status ?? (body === undefined ? 503 : 200);
  return {
    status: code,
    headers: {
      "content-type": contentType ?? "text/html; charset=utf-8",
      "cache-control": "no-store",
      ...headers,
    },
    body: body ??
      `<html><head><title>${code}</title></head><body><center><h1>${code} ${
        TITLES[code] ?? "Error"
      }</h1></center><hr><center>practice broker</center></body></html>\n`,
  };
}

const TITLES: Readonly<Record<number, string>> = {
  403: "Access Denied",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out",
};

/**
 * Reads a fault from a JSON text that another process sent.
 *
 * @throws {TypeError} when it is not a fault.
 */
export function parseFault(text: string): SandboxFault {
  const value: unknown = text.trim() === "" ? {} : JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError("a fault is a JSON object");
  }
  const types: Record<keyof SandboxFault, string> = {
    endpoint: "string",
    status: "number",
    body: "string",
    contentType: "string",
    headers: "object",
    times: "number",
    cut: "boolean",
    delayMs: "number",
  };
  for (const [name, part] of Object.entries(value)) {
    const type = types[name as keyof SandboxFault];
    if (type === undefined || typeof part !== type || part === null) {
      throw new TypeError(
        type === undefined
          ? `a fault has no "${name.slice(0, 40)}"`
          : `"${name}" of a fault is a ${type}`,
      );
    }
  }
  return value;
}
