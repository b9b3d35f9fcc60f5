import { decodeText } from "../base/decode_text.ts";
import { deadline } from "../base/deadline.ts";
import type { Problem } from "./problem.ts";

/** The longest body that is read, in bytes: a rejected token is far shorter. */
export const LONGEST_BODY = 65_536;
/** How long a body may take, in milliseconds. */
const LONGEST_TIME = 10_000;

/** The request's body is not what it may be. */
export class BadBody extends Error {
  /** What is answered. */
  readonly problem: Problem;

  /** @param problem What is answered. */
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/**
 * Reads the body of a request, and no more of it than it may have.
 *
 * @param request The request.
 * @param limit How long it may take, in milliseconds.
 * @returns The text; empty where there is none.
 * @throws {BadBody} When it is too long, takes too long or is no text.
 */
export async function readBody(
  request: Request,
  limit: number = LONGEST_TIME,
): Promise<string> {
  const reader = request.body?.getReader();
  if (reader === undefined) return "";
  const cancel = () => void reader.cancel().catch(() => {});
  if (Number(request.headers.get("content-length")) > LONGEST_BODY) {
    cancel();
    tooLarge();
  }
  using end = deadline(limit);
  end.signal.addEventListener("abort", cancel, { once: true });
  const bytes = new Uint8Array(LONGEST_BODY);
  let length = 0;
  while (true) {
    const { done, value } = await reader.read();
    if (end.signal.aborted) {
      throw new BadBody({
        status: 408,
        code: "timeout",
        detail: "Cannot read the request: its body did not come",
      });
    }
    if (done) break;
    if (length + value.length > LONGEST_BODY) {
      cancel();
      tooLarge();
    }
    bytes.set(value, length);
    length += value.length;
  }
  const text = decodeText(bytes.subarray(0, length));
  if (text !== undefined) return text;
  throw new BadBody({
    status: 400,
    code: "invalid_options",
    detail: "Cannot read the request: its body is no text",
  });
}

function tooLarge(): never {
  throw new BadBody({
    status: 413,
    code: "too_large",
    detail: `Cannot read the request: its body is longer than ${
      LONGEST_BODY / 1024
    } KiB`,
  });
}
