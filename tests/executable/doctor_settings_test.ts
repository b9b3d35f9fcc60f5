import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth doctor_settings",
  () => import("../cli/doctor_settings_test.ts"),
);
