import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth doctor_provider",
  () => import("../cli/doctor_provider_test.ts"),
);
