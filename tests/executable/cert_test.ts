import { testExecutable } from "./executable.ts";

await testExecutable("tdauth cert", () => import("../cli/cert_test.ts"));
