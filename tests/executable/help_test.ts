import { testExecutable } from "./executable.ts";

await testExecutable("tdauth help", () => import("../cli/help_test.ts"));
