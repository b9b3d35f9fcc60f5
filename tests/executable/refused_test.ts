import { testExecutable } from "./executable.ts";

await testExecutable(
  "a rejected login, for tdauth",
  () => import("../cli/refused_test.ts"),
);
