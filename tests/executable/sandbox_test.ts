import { testExecutable } from "./executable.ts";

await testExecutable("tdauth sandbox", () => import("../cli/sandbox_test.ts"));
