import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth completions",
  () => import("../cli/completions_test.ts"),
);
