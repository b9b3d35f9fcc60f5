import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth secret_file",
  () => import("../cli/secret_file_test.ts"),
);
