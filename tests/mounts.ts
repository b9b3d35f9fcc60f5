/** File systems of a test's own, in namespaces that end with the process. */

/** Whether this machine lets a user mount something for itself. */
const mayMount = await new Deno.Command("unshare", {
  args: ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);

/** Only root can give files to another user. */
const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;

/**
 * The name of a test that mounts something. Elsewhere it is ignored with that reason.
 *
 * @param name The test's name.
 */
export function mounting(name: string): { name: string; ignore: boolean } {
  return mayMount ? { name, ignore: false } : {
    name: `${name} (ignored: there is no unshare that can mount)`,
    ignore: true,
  };
}

/**
 * The name of a test in which files belong to different users.
 *
 * @param name The test's name.
 */
export function owning(name: string): { name: string; ignore: boolean } {
  if (!isRoot) return { name: `${name} (ignored: root only)`, ignore: true };
  return mounting(name);
}

/**
 * A shell's words that mount something before a command, for it alone; they go
 * before the command, which they run with `exec "$@"`.
 *
 * @param words Shell commands that mount.
 */
export function mounted(words: string): string {
  return `exec unshare -rm sh -c '${words} && exec "$@"' sh "$@"`;
}

/** Mounts a directory or a file read-only. */
export function readOnly(path: string): string {
  return `mount --bind "${path}" "${path}" && mount -o remount,ro,bind "${path}"`;
}

/** Mounts a directory's content on a small disk, which is then full. */
export function fullDisk(directory: string): string {
  return `mkdir "${directory}.old" && cp -a "${directory}/." "${directory}.old" && ` +
    `mount -t tmpfs -o size=64k,mode=700 none "${directory}" && ` +
    `cp -a "${directory}.old/." "${directory}" && ` +
    `! head -c 65536 /dev/zero > "${directory}/full" 2>&-`;
}

/**
 * Runs a command as user 1000, without the rights of root: what belongs to the
 * test's user is this one's, what belongs to the test's group this one's group's,
 * and everything else is another user's.
 */
export const AS_USER =
  `exec unshare -U --map-user=1000 --map-group=1000 -- "$@"`;

/**
 * The same where root is another one: of the machine's ids, 100000 is root's
 * there. Only root can map several.
 */
export const AS_USER_BESIDE_ROOT = `
unshare -U sh -c 'kill -STOP $$; exec "$@"' sh "$@" &
child=$!
until grep -q '^State:.T' /proc/$child/status; do sleep 0.01; done
echo "1000 0 1
0 100000 1" > /proc/$child/uid_map &&
echo "1000 0 1
0 100000 1" > /proc/$child/gid_map &&
kill -CONT $child
wait $child`;
