import { check, fails, same, sleep, until } from "./check.ts";
import { type StoreTest, withStore } from "./store_under_test.ts";

/** The tests of every store's locks. */
export const turnTests: readonly StoreTest[] = [
  {
    name: "runs exclusive work of one kind one at a time, through any object",
    run: withStore(async ({ store, sameStore }) => {
      let [waiting, inside, most] = [0, 0, 0];
      const allCame = Promise.withResolvers<void>();
      const order: number[] = [];
      const all = Array.from({ length: 20 }, async (_, index) => {
        waiting++;
        await (index % 2 ? store : sameStore).exclusive("refresh", async () => {
          most = Math.max(most, ++inside);
          await allCame.promise; // the first one stays until all others wait
          await sleep(1);
          order.push(index);
          inside--;
        });
      });
      const over = Promise.all(all);
      over.catch(() => {});
      try {
        await until(() => inside > 0, "the first work");
        await sleep(20); // those that do not wait come in
        same(inside, 1, "how many ran at once");
        same([waiting, order.length], [20, 0], "all came, and none has ended");
      } finally {
        allCame.resolve();
      }
      await over;
      same(most, 1, "how many ran at once");
      same(new Set(order).size, 20, "how many ran");
    }),
  },
  {
    name: "has the turn free for the next one when the work is over",
    run: withStore(async ({ store, sameStore }) => {
      const begun = performance.now();
      for (const one of [store, sameStore, store]) {
        await one.exclusive("refresh", () => Promise.resolve());
      }
      const seconds = Math.round((performance.now() - begun) / 1000);
      check(seconds < 5, `three turns took ${seconds} seconds: release them`);
    }, "a turn is not released"),
  },
  {
    name: "lets a refresh run while a login waits for its user",
    run: withStore(
      async ({ store, sameStore }) => {
        const user = Promise.withResolvers<string>();
        let begun = false;
        const login = store.exclusive("login", () => {
          begun = true;
          return user.promise;
        });
        await until(() => begun, "the login");
        const refresh = () => Promise.resolve("refreshed");
        same(
          await sameStore.exclusive("refresh", refresh),
          "refreshed",
          "result",
        );
        user.resolve("logged in");
        same(await login, "logged in", "the login's result");
      },
      "a refresh waits for a login: each kind of work needs a lock of its own",
    ),
  },
  {
    name: "passes on what exclusive work throws, and the next one runs",
    run: withStore(async ({ store, sameStore }) => {
      const reason = new Error("no");
      const failing = store.exclusive("refresh", () => Promise.reject(reason));
      const next = sameStore.exclusive(
        "refresh",
        () => Promise.resolve("yes"),
      );
      await fails(failing, (error) => error === reason, "the work's own error");
      same(await next, "yes", "the next one's result");
    }),
  },
  {
    name:
      "ends the wait for exclusive work on a signal, and those behind it run",
    run: withStore(async ({ store, sameStore }) => {
      const first = Promise.withResolvers<string>();
      let entered = false;
      const holder = store.exclusive("refresh", () => {
        entered = true;
        return first.promise;
      });
      await until(() => entered, "the first work");
      const behind: Promise<unknown>[] = [];
      // As soon as it has begun to wait, and when it has waited for a while.
      for (const milliseconds of [0, 50]) {
        const end = new AbortController();
        const reason = new Error("long enough");
        let [ran, ended] = [false, false];
        const waiter = sameStore.exclusive("refresh", () => {
          ran = true;
          return Promise.resolve();
        }, { signal: end.signal });
        waiter.catch(() => {}).finally(() => ended = true);
        behind.push(store.exclusive("refresh", () => Promise.resolve("last")));
        if (milliseconds > 0) await sleep(milliseconds);
        check(!ended, "it did not wait");
        end.abort(reason);
        await fails(waiter, (error) => error === reason, "the signal's reason");
        check(!ran, "the work ran all the same");
      }
      first.resolve("first");
      same(await holder, "first", "the first one's result");
      same(await Promise.all(behind), ["last", "last"], "those behind");
    }),
  },
];
