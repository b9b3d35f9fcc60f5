import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth settings",
  () => import("../cli/settings_test.ts"),
);
