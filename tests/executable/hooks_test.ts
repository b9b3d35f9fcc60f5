import { testExecutable } from "./executable.ts";

await testExecutable("tdauth's hooks", () => import("../cli/hooks_test.ts"));
