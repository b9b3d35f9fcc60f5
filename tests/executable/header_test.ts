import { testExecutable } from "./executable.ts";

await testExecutable("tdauth header", () => import("../cli/header_test.ts"));
