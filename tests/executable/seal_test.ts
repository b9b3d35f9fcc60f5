import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth configure --seal",
  () => import("../cli/seal_test.ts"),
);
