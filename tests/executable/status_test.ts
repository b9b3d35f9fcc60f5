import { testExecutable } from "./executable.ts";

await testExecutable("tdauth status", () => import("../cli/status_test.ts"));
