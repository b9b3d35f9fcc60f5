import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth unwritable",
  () => import("../cli/unwritable_test.ts"),
);
