import { testExecutable } from "./executable.ts";

await testExecutable("tdauth logout", () => import("../cli/logout_test.ts"));
