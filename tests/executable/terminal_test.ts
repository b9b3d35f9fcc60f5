import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth terminal",
  () => import("../cli/terminal_test.ts"),
);
