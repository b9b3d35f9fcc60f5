import { testExecutable } from "./executable.ts";

await testExecutable("tdauth import", () => import("../cli/import_test.ts"));
