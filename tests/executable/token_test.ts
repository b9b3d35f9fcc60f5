import { testExecutable } from "./executable.ts";

await testExecutable("tdauth token", () => import("../cli/token_test.ts"));
