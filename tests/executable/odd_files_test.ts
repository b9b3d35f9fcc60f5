import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth odd_files",
  () => import("../cli/odd_files_test.ts"),
);
