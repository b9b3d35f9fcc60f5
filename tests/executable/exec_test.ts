import { testExecutable } from "./executable.ts";

await testExecutable("tdauth exec", () => import("../cli/exec_test.ts"));
