import { testExecutable } from "./executable.ts";

await testExecutable("tdauth fetch", () => import("../cli/fetch_test.ts"));
