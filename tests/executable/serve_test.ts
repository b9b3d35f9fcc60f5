import { testExecutable } from "./executable.ts";

await testExecutable("tdauth serve", () => import("../cli/serve_test.ts"));
