/** An image that is built by what a Containerfile says, and containers of it, without a container engine. */
import { dirname, join } from "node:path";
import { ROOT } from "../../tools/compile.ts";
import { Running } from "../cli/process.ts";
import { executable } from "../executable/executable.ts";
import { readContainerfile, type Recipe } from "./containerfile.ts";

/** A built image. */
export interface Image extends AsyncDisposable {
  /** What its Containerfile says. */
  readonly recipe: Recipe;
  /** Starts a container of it. */
  readonly start: (options?: ContainerOptions) => Running;
}

/** How a container is started. */
export interface ContainerOptions {
  /** In place of CMD. */
  readonly args?: readonly string[];
  /** In place of ENTRYPOINT and CMD, as a health check or `docker exec` runs. */
  readonly exec?: readonly string[];
  /** The directory that is its volume. */
  readonly volume?: string;
  /** More variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files to mount, by their paths in it. */
  readonly mounts?: Readonly<Record<string, string>>;
}

/** Why this machine builds no image; `undefined` where it does. */
export const CANNOT = reason();

function reason(): string | undefined {
  if (Deno.build.os !== "linux") return "Linux only, it makes namespaces";
  if (Deno.uid() !== 0) return "root only, it makes an image";
  for (const program of ["mmdebstrap", "unshare", "chroot"]) {
    const { success } = new Deno.Command("sh", {
      args: ["-c", `command -v ${program}`],
      stdout: "null",
    }).outputSync();
    if (!success) return `there is no ${program}`;
  }
  return undefined;
}

/**
 * Builds the image of the project's Containerfile: its base is what Debian's own
 * packages make, its steps are run in it, one after the other.
 *
 * @param directory An empty directory.
 */
export async function buildImage(directory: string): Promise<Image> {
  const recipe = readContainerfile(
    Deno.readTextFileSync(join(ROOT, "Containerfile")),
  );
  const root = `${directory}/root`;
  // Of the slim image's packages those that the steps and the program need.
  await succeed("mmdebstrap", [
    "--variant=extract",
    "--include=base-files,coreutils,dash,libc6,libgcc-s1",
    "--quiet",
    recipe.release,
    root,
  ]);
  const program = await executable();
  if ("missing" in program) throw new Error(program.missing);
  const files: Readonly<Record<string, string>> = {
    "dist/tdauth": program.path,
  };
  for (const step of recipe.steps) {
    if ("copy" in step) {
      const from = files[step.copy];
      if (from === undefined) throw new Error(`There is no ${step.copy}`);
      // Which Debian's packages make when they are set up.
      Deno.mkdirSync(dirname(`${root}${step.to}`), { recursive: true });
      Deno.copyFileSync(from, `${root}${step.to}`);
      Deno.chmodSync(`${root}${step.to}`, 0o755);
    } else await succeed("chroot", [root, "/bin/sh", "-c", step.run]);
  }
  return {
    recipe,
    start: (options = {}) => start(root, recipe, options),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

/** In namespaces of its own: a root that cannot be written, a volume, an empty /tmp, no other process. */
function start(
  root: string,
  recipe: Recipe,
  { args = recipe.cmd, exec, volume, env = {}, mounts = {} }: ContainerOptions,
): Running {
  const words = exec ?? [...recipe.entrypoint, ...args];
  const all = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    ...recipe.env,
    ...env,
  };
  const script = [
    `mount --bind ${quoted(root)} ${quoted(root)}`,
    ...(volume === undefined
      ? []
      : [`mount --bind ${quoted(volume)} ${quoted(root + recipe.volume)}`]),
    `mount -t tmpfs -o mode=1777 none ${quoted(`${root}/tmp`)}`,
    `mount -t tmpfs none ${quoted(`${root}/run`)}`,
    ...Object.entries(mounts).flatMap(([to, from]) => [
      `mkdir -p ${quoted(`${root}${to.slice(0, to.lastIndexOf("/"))}`)}`,
      `: > ${quoted(`${root}${to}`)}`,
      `mount --bind ${quoted(from)} ${quoted(`${root}${to}`)}`,
    ]),
    `mount -o remount,ro,bind ${quoted(root)}`,
    `mount -t proc proc ${quoted(`${root}/proc`)}`,
    `cd ${quoted(root)}`,
    `exec chroot --userspec=${recipe.user} ${
      quoted(root)
    } env -i -C ${recipe.workdir} ${
      [
        ...Object.entries(all).map(([name, value]) => `${name}=${value}`),
        ...words,
      ].map(quoted).join(" ")
    }`,
  ].join(" && ");
  return new Running("unshare", {
    args: [
      "--mount",
      "--pid",
      "--fork",
      "--propagation=private",
      "sh",
      "-c",
      script,
    ],
    cwd: "/",
    env: { PATH: Deno.env.get("PATH") ?? "" },
  });
}

/**
 * Kills a container's first process, and so all of them. What started it outlives
 * that, and its own death would not be noticed: a change of user forgets `--kill-child`.
 */
export function killContainer({ pid }: Running): void {
  const children = `/proc/${pid}/task/${pid}/children`;
  const [first] = Deno.readTextFileSync(children).trim().split(" ");
  Deno.kill(Number(first), "SIGKILL");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

async function succeed(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args })
    .output();
  if (success) return;
  throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
}
