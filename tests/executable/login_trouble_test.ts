import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth login_trouble",
  () => import("../cli/login_trouble_test.ts"),
);
