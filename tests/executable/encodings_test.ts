import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth encodings",
  () => import("../cli/encodings_test.ts"),
);
