import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth doctor_files",
  () => import("../cli/doctor_files_test.ts"),
);
