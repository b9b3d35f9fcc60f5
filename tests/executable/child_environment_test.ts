import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth child_environment",
  () => import("../cli/child_environment_test.ts"),
);
