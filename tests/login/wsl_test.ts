import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { PERMISSIONS } from "../../tools/compile.ts";
import { only, temporaryDirectory } from "../support.ts";
import { denoProcess } from "../../tools/deno.ts";

Deno.test({
  ...only(
    "Linux",
    "currentPlatform() knows WSL with the executable's permissions",
  ),
  fn: async () => {
    await using work = temporaryDirectory();
    const main = `${work.path}/main.ts`;
    const module = import.meta.resolve("../../src/login/browser_commands.ts");
    Deno.writeTextFileSync(
      main,
      `import { browserCommands, currentPlatform } from "${module}";
console.log(currentPlatform(), browserCommands("https://x.example/")[0]?.[0]);`,
    );
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const cases: readonly (readonly [Record<string, string>, string])[] = [
      [{ WSL_DISTRO_NAME: "Debian" }, "wsl wslview\n"],
      [{ WSL_INTEROP: "/run/WSL/1_interop" }, "wsl wslview\n"],
      [{}, "linux xdg-open\n"],
    ];
    for (const [env, expected] of cases) {
      const { stdout, stderr } = await denoProcess([
        "run",
        ...["-q", "--no-check", "--no-lock", `--config=${config}`],
        ...PERMISSIONS,
        main,
      ], {
        clearEnv: true,
        env: { PATH: Deno.env.get("PATH") ?? "", HOME: work.path, ...env },
      }).output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      assert.equal(text(stderr), "");
      assert.equal(text(stdout), expected);
    }
  },
});
