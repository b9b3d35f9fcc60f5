/**
 * A practice broker on this computer: an authorization server that behaves like
 * Charles Schwab's or TD Ameritrade's, with login and consent pages, 30-second
 * codes, their exact errors, a clock that can be moved, and faults on demand.
 * For demos, and for tests of any program that logs in to a broker.
 *
 * It shares no code with the client, so the two can hardly be wrong together.
 *
 * @example Try a program's login, expiry included, without a broker
 * ```ts
 * import { startSandbox } from "@tdauth/tdauth/sandbox";
 *
 * await using broker = await startSandbox();
 * broker.url; // "http://127.0.0.1:…", in place of the real broker's origin
 * broker.app; // the consumer key, the secret and the callback URL to use
 * broker.advance(7 * 24 * 60 * 60); // a week later
 * broker.failNext({ status: 502 });
 * broker.requests; // your program's requests so far
 * ```
 *
 * @module
 */

export { approve, approveAndCopy, type ApproveOptions } from "./approve.ts";
export type { Sandbox } from "./sandbox.ts";
export type {
  SandboxApp,
  SandboxBroker,
  SandboxFault,
  SandboxOptions,
  SandboxRequest,
  SandboxUser,
} from "./sandbox_options.ts";
export { startSandbox } from "./start_sandbox.ts";
