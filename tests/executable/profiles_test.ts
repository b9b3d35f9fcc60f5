import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth profiles",
  () => import("../cli/profiles_test.ts"),
);
