import assert from "node:assert/strict";
import fc from "fast-check";
import { interleaved, ratioOf } from "../../bench/interleaved.ts";
import { plot } from "../../bench/plot.ts";
import {
  type Bar,
  filled,
  formatRatio,
  markdown,
  targetTable,
} from "../../bench/report.ts";

const PAGE = `# A page

<!-- one: made by deno task bench -->

old

<!-- end -->

A person's words.

<!-- two: made by deno task bench -->
<!-- end -->
`;

Deno.test("filled() replaces its part of the page and no other letter", () => {
  const page = filled(filled(PAGE, "one", "new"), "two", "second");
  assert.equal(
    page,
    PAGE.replace("old", "new").replace(
      "<!-- two: made by deno task bench -->\n",
      "<!-- two: made by deno task bench -->\n\nsecond\n\n",
    ),
  );
  assert.equal(filled(page, "one", "new"), page);
  assert.throws(() => filled(PAGE, "three", ""), /no part "three"/);
});

Deno.test("docs/performance.md has a part for every table", () => {
  const page = Deno.readTextFileSync(
    new URL("../../docs/performance.md", import.meta.url),
  );
  for (
    const part of [
      "machine",
      "targets",
      "startup",
      "peers",
      "calls",
      "notice",
      "login",
      "port",
      "refresh",
    ]
  ) assert.notEqual(filled(page, part, "new"), page);
});

Deno.test("README.md has a part for its table", () => {
  const readme = Deno.readTextFileSync(
    new URL("../../README.md", import.meta.url),
  );
  assert.notEqual(filled(readme, "startup", "new"), readme);
});

Deno.test("markdown() keeps a bar within its cell", () => {
  assert.equal(
    markdown({ head: ["a", "b"], rows: [["x|y", "1"]] }),
    "| a | b |\n| --- | --: |\n| x\\|y | 1 |",
  );
});

Deno.test("ratioOf() gives an interval around the median, whatever was measured", () => {
  const times = fc.array(fc.double({ min: 0.1, max: 1e3, noNaN: true }), {
    minLength: 1,
    maxLength: 200,
  });
  fc.assert(fc.property(times, (own) => {
    const { ratio, low, high } = ratioOf(own, own.map(() => 2));
    assert.ok(low <= ratio && ratio <= high, `${low} ${ratio} ${high}`);
  }));
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  // The ranks that tables of the binomial distribution give for 100.
  assert.deepEqual(ratioOf(hundred, hundred.map(() => 1)), {
    ratio: 51,
    low: 40,
    high: 61,
  });
});

Deno.test("interleaved() runs its contenders in turn and compares each to its floor", async () => {
  const order: string[] = [];
  const contender = (name: string, floor?: string) => ({
    name,
    ...(floor !== undefined && { floor }),
    run: () => void order.push(name),
  });
  const results = await interleaved(
    [contender("floor"), contender("own", "floor")],
    4,
  );
  assert.equal(order.join(), Array(7).fill("floor,own").join()); // three rounds to warm up
  assert.deepEqual(results.map(({ floor }) => floor), ["floor", "floor"]);
  assert.equal(results[0]?.ratio, 1);
  await assert.rejects(interleaved([contender("own", "nobody")], 1), /nobody/);
});

Deno.test("targetTable() says what is met, what is not, and what cannot be told", () => {
  const of = (ratio: number, low: number, high: number) =>
    targetTable([{ what: "it", most: 1.1, ratio, low, high }]).rows[0]?.at(-1);
  assert.equal(of(1.05, 1.04, 1.06), "yes");
  assert.equal(of(1.05, 1.04, 1.2), "yes, within the error");
  assert.equal(of(1.15, 1.0, 1.2), "no, within the error");
  assert.equal(of(1.15, 1.11, 1.2), "no");
  assert.equal(
    formatRatio({ ratio: 1.049, low: 1, high: 1.1 }),
    "1.05 (1.00–1.10)",
  );
});

Deno.test("plot() draws a bar for each program, names it for screen readers, and is well-formed", () => {
  const bars: Bar[] = [
    { name: "empty", kind: "floor", group: "a & b", milliseconds: 10 },
    {
      name: "<own>",
      kind: "tdauth",
      group: "a & b",
      milliseconds: 20,
      ratio: 2,
    },
    { name: "other", kind: "peer", group: "rest", milliseconds: 40 },
  ];
  const svg = plot(bars, ["a caption"]);
  const widths = [
    ...svg.matchAll(/<rect class="(\w+)".* width="([\d.]+)" height="17"/g),
  ]
    .map(([, kind, width]) => [kind, Number(width)]);
  assert.deepEqual(widths, [["floor", 100], ["tdauth", 200], ["peer", 400]]);
  assert.match(
    svg,
    /<desc id="desc">a &amp; b, empty: 10.0 ms; a &amp; b, &lt;own&gt;: 20.0 ms; rest, other: 40.0 ms\.<\/desc>/,
  );
  assert.match(svg, />20.0 ms, 2.00 ×</);
  assert.match(svg, /prefers-color-scheme: dark/);
  const open: string[] = [];
  for (
    const [, close, name = "", self] of svg.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)
  ) {
    if (close) assert.equal(open.pop(), name);
    else if (!self) open.push(name);
  }
  assert.deepEqual(open, []);
});
