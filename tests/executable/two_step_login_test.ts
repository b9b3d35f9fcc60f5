import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth login in two steps",
  () => import("../cli/two_step_login_test.ts"),
);
