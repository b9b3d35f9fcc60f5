import type { Commands } from "../grammar/command.ts";

/** All commands, in the order of the help. A new one needs its file and a line here. */
export const COMMANDS: Commands = {
  configure: () => import("./configure/command.ts"),
  login: () => import("./login/command.ts"),
  status: () => import("./status/command.ts"),
  refresh: () => import("./refresh.ts"),
  logout: () => import("./logout/command.ts"),
  sandbox: () => import("./sandbox/command.ts"),
  token: () => import("./token.ts"),
  header: () => import("./header.ts"),
  exec: () => import("./exec/command.ts"),
  fetch: () => import("./fetch/command.ts"),
  import: () => import("./import/command.ts"),
  export: () => import("./export/command.ts"),
  doctor: () => import("./doctor.ts"),
  hook: () => import("./hook/command.ts"),
  "hook test": () => import("./hook/test.ts"),
  unseal: () => import("./unseal.ts"),
  cert: () => import("./cert/command.ts"),
  "cert show": () => import("./cert/show.ts"),
  "cert renew": () => import("./cert/renew.ts"),
  "cert trust": () => import("./cert/trust.ts"),
  "cert untrust": () => import("./cert/untrust.ts"),
  completions: () => import("./completions/command.ts"),
  man: () => import("./man/command.ts"),
  complete: () => import("./complete/command.ts"),
};
