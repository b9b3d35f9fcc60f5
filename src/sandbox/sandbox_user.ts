import type { SandboxUser } from "./sandbox_options.ts";

/** The one user of every practice broker. */
export const sandboxUser: SandboxUser = {
  name: "practice",
  password: "practice-makes-perfect",
};
