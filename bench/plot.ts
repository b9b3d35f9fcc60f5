import type { Bar } from "./report.ts";

const WIDTH = 760;
const LABELS = 230;
const ROW = 24;
const GAP = 34;
const TOP = 58;
const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .title { font-size: 16px; font-weight: 600; }
    .small, .group { fill: #59636e; font-size: 12px; }
    .floor { fill: #afb8c1; } .tdauth { fill: #0969da; } .peer { fill: #d4a72c; }
    line { stroke: #59636e; stroke-dasharray: 2 3; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; } .small, .group { fill: #9198a1; }
      .floor { fill: #656c76; } .tdauth { fill: #4493f8; } .peer { fill: #bb8009; }
      line { stroke: #9198a1; }
    }
  `;
const KINDS = [
  ["floor", "a floor"],
  ["tdauth", "tdauth"],
  ["peer", "another tool"],
] as const;

/**
 * Draws the times of programs as horizontal bars, in groups; the first bar of each
 * group is the floor of its others, and a dashed line carries it down.
 *
 * @param bars The bars, those of one group after one another.
 * @param caption The method and the machine: lines of at most 110 letters.
 * @returns An SVG that is readable on a light and on a dark page.
 */
export function plot(
  bars: readonly Bar[],
  caption: readonly string[],
): string {
  const longest = Math.max(...bars.map(({ milliseconds }) => milliseconds));
  const scale = (WIDTH - LABELS - 130) / longest;
  const shapes: string[] = [];
  let y = TOP + 18 * caption.length;
  for (const group of new Set(bars.map((bar) => bar.group))) {
    const own = bars.filter((bar) => bar.group === group);
    shapes.push(text(16, y + 12, group, "group"));
    y += ROW;
    const first = y;
    for (const { name, kind, milliseconds, ratio } of own) {
      const width = (milliseconds * scale).toFixed(1);
      shapes.push(
        text(LABELS - 8, y + 13, name, "", "end"),
        `<rect class="${kind}" x="${LABELS}" y="${y}" width="${width}" height="17" rx="3"/>`,
        text(
          LABELS + Number(width) + 6,
          y + 13,
          ratio === undefined
            ? `${milliseconds.toFixed(1)} ms`
            : `${milliseconds.toFixed(1)} ms, ${ratio.toFixed(2)} ×`,
        ),
      );
      y += ROW;
    }
    const floor = own[0];
    if (floor?.kind === "floor") {
      const x = (LABELS + floor.milliseconds * scale).toFixed(1);
      shapes.push(`<line x1="${x}" y1="${first}" x2="${x}" y2="${y - 6}"/>`);
    }
    y += GAP - ROW;
  }
  const legend = KINDS.map(([kind, name], at) =>
    `<rect class="${kind}" x="${
      LABELS + at * 130
    }" y="${y}" width="12" height="12" rx="3"/>` +
    text(LABELS + 18 + at * 130, y + 11, name, "small")
  );
  const height = y + 30;
  const told = bars.map(({ name, group, milliseconds }) =>
    `${group}, ${name}: ${milliseconds.toFixed(1)} ms`
  ).join("; ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">Daily commands with a cached access token: start to end</title>`,
    `<desc id="desc">${escaped(`${told}.`)}</desc>`,
    `<style>${STYLE}</style>`,
    text(
      16,
      28,
      "Daily commands with a cached, valid access token",
      "title",
    ),
    ...caption.map((line, at) => text(16, 50 + 18 * at, line, "small")),
    ...shapes,
    ...legend,
    "</svg>\n",
  ].join("\n");
}

function text(
  x: number,
  y: number,
  content: string,
  style = "",
  anchor = "start",
): string {
  return `<text x="${x}" y="${y}"${style && ` class="${style}"`}${
    anchor === "start" ? "" : ` text-anchor="${anchor}"`
  }>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
