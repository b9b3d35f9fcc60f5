import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth disk_trouble",
  () => import("../cli/disk_trouble_test.ts"),
);
