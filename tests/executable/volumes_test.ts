import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth volumes",
  () => import("../cli/volumes_test.ts"),
);
