import { testExecutable } from "./executable.ts";

await testExecutable("tdauth's output", () => import("../cli/output_test.ts"));
