import { testExecutable } from "./executable.ts";

await testExecutable(
  "tdauth configure --seal",
  () => import("../cli/seal_keychain_test.ts"),
);
