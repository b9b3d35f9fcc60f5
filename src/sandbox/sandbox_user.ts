import type { SandboxUser } from "./sandbox_options.ts";

/** The one user that every practice broker knows. */
export const sandboxUser: SandboxUser = {
  name: "practice",
  password: "practice-makes-perfect",
};
