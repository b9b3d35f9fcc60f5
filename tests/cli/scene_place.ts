/** Sets the machine of a scene up. */
import { relative } from "node:path";
import { rawKey } from "../../src/seal/raw_key.ts";
import { SealCodec } from "../../src/seal/seal_codec.ts";
import {
  platformConfigDir,
  tokenFileName,
} from "../../src/system/config_dir.ts";
import { KEY, type Scene, SECONDS } from "./scene.ts";

/** A machine that was set up. */
export interface Place {
  /** The variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** The configuration directory. */
  readonly directory: string;
  /** The token file's name. */
  readonly fileName: string;
}

/** Sets a machine up in an empty directory. */
export async function setUp(scene: Scene, home: string): Promise<Place> {
  const base = { HOME: home, APPDATA: home };
  const directory =
    platformConfigDir((name) => base[name as keyof typeof base]) ?? home;
  const named = {
    home: undefined,
    directory,
    slash: `${directory}/`,
    "~": directory.replace(home, "~"),
    relative: relative(Deno.cwd(), directory),
    wrong: `${directory}\u0007`,
  }[scene.named];
  const variables = Object.fromEntries(
    Object.entries({ ...scene.env, ...base, TD_CONFIG_DIR: named })
      .flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)]]
      ),
  );
  const words = scene.line.split(" ");
  const profile = words[0] === "--profile"
    ? words[1]
    : variables["TD_PROFILE"]?.trim() || undefined;
  const consumerKey = String(
    scene.env["TD_CONSUMER_KEY"] || scene.profile["consumerKey"] || "TESTKEY",
  ).trim();
  const fileName = tokenFileName(consumerKey, profile);
  Deno.mkdirSync(directory, { recursive: true });
  const config = `${directory}/config.json`;
  if (scene.config !== "absent") {
    const profiles = {
      ...(scene.config === "with a wrong profile" && { other: { seal: 5 } }),
      ...(Object.keys(scene.profile).length > 0 &&
        { [profile ?? "default"]: scene.profile }),
    };
    const text = JSON.stringify({ profiles });
    write(config, scene.config === "damaged" ? text.slice(0, -2) : text);
    if (Deno.build.os !== "windows") Deno.chmodSync(config, scene.modes[2]);
  }
  const text = await textOf(scene, consumerKey, fileName);
  const path = `${directory}/${fileName}`;
  if (text !== undefined) {
    const linked = scene.file === "link" && Deno.build.os !== "windows";
    const real = linked ? `${home}/real` : path;
    write(real, text);
    if (Deno.build.os !== "windows") {
      if (linked) Deno.symlinkSync(real, path);
      Deno.chmodSync(real, scene.modes[1]);
    }
  }
  if (Deno.build.os !== "windows") Deno.chmodSync(directory, scene.modes[0]);
  return { variables, directory, fileName };
}

function write(path: string, text: string): void {
  Deno.writeTextFileSync(path, text, { mode: 0o600 });
}

/** The text of the token file; `undefined` for none. */
async function textOf(
  { file, token, entries }: Scene,
  consumerKey: string,
  fileName: string,
): Promise<string | undefined> {
  const access_token = {
    token: "ACCESS",
    access_time: SECONDS - 60,
    expires_in: 1800,
    ...token,
  };
  const refresh_token = {
    token: "REFRESH",
    access_time: SECONDS - 60,
    expires_in: 604_800,
  };
  const pyTD = { access_token, refresh_token };
  const owned = {
    ...pyTD,
    version: 1,
    provider: "schwab",
    ...entries,
    consumer_key: entries["consumer_key"] === undefined ||
        entries["consumer_key"] === "same"
      ? consumerKey
      : entries["consumer_key"],
  };
  const text = JSON.stringify(owned);
  const also = (more: object) => JSON.stringify({ ...owned, ...more });
  const sealed = async () => {
    const codec = new SealCodec(rawKey(KEY), fileName);
    return await codec.seal(text, () => Promise.resolve("")).catch(() => text);
  };
  switch (file) {
    case "tdauth":
    case "link":
      return text;
    case "pyTD":
      return JSON.stringify(pyTD);
    case "version 2":
      return also({ version: 2 });
    case "byte order mark":
      return `\ufeff${text}`;
    case "damaged":
      return text.slice(0, -3);
    case "foreign":
      return JSON.stringify({ token: "ACCESS", expires_at: SECONDS + 1000 });
    case "sealed":
      return await sealed();
    case "sealed, damaged":
      return (await sealed()).replace(
        /"sealed": ?"(.{60}).{6}/,
        '"sealed":"$1',
      );
    case "pending":
      return also({ refresh_pending: SECONDS - 5 });
    case "refused":
      return also({
        refresh_refused: { time: SECONDS - 5, reason: "revoked" },
      });
    case "empty":
      return "";
    case "absent":
      return undefined;
    case "no refresh token":
      return also({ refresh_token: null });
    case "unknown lifetime":
      return also({ access_token: { ...access_token, expires_in: null } });
    case "other app":
      return also({ consumer_key: "ANOTHER" });
    case "other provider":
      return also({ provider: "tdameritrade" });
  }
}
