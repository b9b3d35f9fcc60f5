import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth doctor_callback",
  () => import("../cli/doctor_callback_test.ts"),
);
