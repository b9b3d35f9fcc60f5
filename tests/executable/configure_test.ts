import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth configure",
  () => import("../cli/configure_test.ts"),
);
