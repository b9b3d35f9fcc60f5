import type { SandboxRequest } from "./sandbox_options.ts";

const LIMIT = 1000;

/** The last requests, oldest first. */
export class RequestLog {
  #entries: SandboxRequest[] = [];

  add(entry: SandboxRequest): void {
    this.#entries.push(Object.freeze(entry));
    if (this.#entries.length > LIMIT) this.#entries.shift();
  }

  get entries(): readonly SandboxRequest[] {
    return [...this.#entries];
  }
}
