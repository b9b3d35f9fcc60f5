import { testExecutable } from "./executable.ts";

await testExecutable("tdauth export", () => import("../cli/export_test.ts"));
