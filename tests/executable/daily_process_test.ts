import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth's daily commands",
  () => import("../cli/daily_process_test.ts"),
);
