import { testExecutable } from "./executable.ts";

await testExecutable("tdauth errors", () => import("../cli/errors_test.ts"));
