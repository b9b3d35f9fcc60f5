import { testExecutable } from "./executable.ts";

await testExecutable("tdauth refresh", () => import("../cli/refresh_test.ts"));
