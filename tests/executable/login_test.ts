import { testExecutable } from "./executable.ts";

await testExecutable("tdauth login", () => import("../cli/login_test.ts"));
