import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth in a stranger's folder",
  () => import("../cli/strangers_folder_test.ts"),
);
