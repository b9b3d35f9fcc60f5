import { testExecutable } from "./executable.ts";

await testExecutable("a follower", () => import("../cli/follower_test.ts"));
