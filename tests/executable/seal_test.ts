import { testExecutable } from "./executable.ts";

await testExecutable("tdauth seal", () => import("../cli/seal_test.ts"));
