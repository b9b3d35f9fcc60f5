import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth login --on",
  () => import("../ssh/login_on_test.ts"),
);
