import { testExecutable } from "./executable.ts";

await testExecutable("tdauth man", () => import("../cli/man_test.ts"));
