// deno-lint-ignore-file no-console -- a bench talks to its user
/**
 * How long `tdauth token` takes from a shell when the token is cached and valid,
 * against an empty program on the same runtime.
 *
 * `deno task bench [ROUNDS]`
 */
import { AccessToken, DiskCache, RefreshToken } from "../mod.ts";
import { saveProfile } from "../src/settings/save_profile.ts";
import { type Contender, interleaved, table } from "./interleaved.ts";

const rounds = Number(Deno.args[0] ?? 61);
const root = new URL("../", import.meta.url).pathname;
const directory = Deno.makeTempDirSync({ prefix: "tdauth_bench_" });
try {
  const settings = `${directory}/settings`;
  saveProfile(settings, "default", {
    provider: "schwab",
    consumerKey: "BENCH",
    consumerSecret: "S",
    callbackUrl: "https://127.0.0.1:8182",
  });
  await new DiskCache(settings, "BENCH").save({
    accessToken: new AccessToken({ token: "ACCESS", expiresIn: 1800 }),
    refreshToken: new RefreshToken({ token: "REFRESH", expiresIn: 604_800 }),
    provider: "schwab",
  });
  const work = `${directory}/work`;
  Deno.mkdirSync(work);
  Deno.writeTextFileSync(`${work}/empty.ts`, "");
  Deno.writeTextFileSync(
    `${work}/read.ts`,
    `const { access_token } = JSON.parse(Deno.readTextFileSync(${
      JSON.stringify(`${settings}/BENCH`)
    }));
Deno.stdout.writeSync(new TextEncoder().encode(access_token.token + "\\n"));`,
  );

  const start = (
    name: string,
    args: string[],
    expected: string,
  ): Contender => ({
    name,
    run: async () => {
      const { success, stdout } = await new Deno.Command(Deno.execPath(), {
        args,
        cwd: work,
        env: { TD_CONFIG_DIR: settings, DENO_NO_UPDATE_CHECK: "1" },
        stdout: "piped",
        stderr: "null",
      }).output();
      const text = new TextDecoder().decode(stdout);
      if (!success || text !== expected) {
        throw new Error(`${name} printed ${JSON.stringify(text)}`);
      }
    },
  });
  const results = await interleaved([
    start("an empty program", ["run", "-A", `${work}/empty.ts`], ""),
    start("an empty program with this project's deno.json and deno.lock", [
      "run",
      "-A",
      `--config=${root}deno.json`,
      `${work}/empty.ts`,
    ], ""),
    start("reading and parsing the file, no more", [
      "run",
      "-A",
      `${work}/read.ts`,
    ], "ACCESS\n"),
    start("tdauth token, from the cache", [
      "run",
      "-A",
      `${root}cli.ts`,
      "token",
    ], "ACCESS\n"),
    start("the same, without reading deno.json and deno.lock", [
      "run",
      "-A",
      "--no-config",
      "--no-lock",
      `${root}cli.ts`,
      "token",
    ], "ACCESS\n"),
    start("tdauth token --verbose, the full program", [
      "run",
      "-A",
      `${root}cli.ts`,
      "token",
      "--verbose",
    ], "ACCESS\n"),
  ], rounds);
  console.log(`Deno ${Deno.version.deno}, ${rounds} interleaved rounds\n`);
  console.log(table("deno run", results));
} finally {
  Deno.removeSync(directory, { recursive: true });
}
