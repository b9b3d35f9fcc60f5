import assert from "node:assert/strict";
import jsQR from "jsqr";
import { deviceText } from "../../src/cli/commands/login/device_text.ts";
import { qrLines } from "../../src/cli/commands/login/qr_lines.ts";
import type { Style } from "../../src/cli/terminal/style.ts";

const same = (text: string) => text;
const PLAIN: Style = {
  bold: same,
  dim: same,
  green: same,
  yellow: same,
  red: same,
  cyan: same,
};
const EVENT = {
  type: "device",
  broker: "Acme",
  userCode: "BCDF-GHJK",
  verificationUri: "https://acme.example/device",
  verificationUriComplete: "https://acme.example/device?user_code=BCDF-GHJK",
  deadline: 0,
} as const;
const WIDE = { columns: 200, rows: 100 };

/** Pixels as a terminal shows them: each half of a character is a square of its color. */
function pixels(lines: readonly string[], scale = 4) {
  const rows = lines.flatMap((line) => {
    const halves: [boolean[], boolean[]] = [[], []];
    let colors: [boolean, boolean] = [true, true];
    // deno-lint-ignore no-control-regex -- the colors
    const parts = /\x1b\[38;5;(\d+);48;5;(\d+)m|([▀ ])|\x1b\[0m/g;
    for (const [, upper, lower, half] of line.matchAll(parts)) {
      if (half === undefined) colors = [upper === "16", lower === "16"];
      else [0, 1].forEach((i) => halves[i as 0 | 1].push(colors[i as 0 | 1]));
    }
    return halves;
  });
  const width = (rows[0]?.length ?? 0) * scale;
  const data = new Uint8ClampedArray(width * rows.length * scale * 4).fill(255);
  for (let y = 0; y < rows.length * scale; y++) {
    for (let x = 0; x < width; x++) {
      const dark = rows[Math.floor(y / scale)]?.[Math.floor(x / scale)];
      if (dark) data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { data, width, height: rows.length * scale };
}

/** What an independent scanner reads, on a background of its own around the code. */
function scanned(
  lines: readonly string[],
  background: 0 | 255,
): string | undefined {
  const { data, width, height } = pixels(lines);
  const margin = 40;
  const size = { width: width + 2 * margin, height: height + 2 * margin };
  const all = new Uint8ClampedArray(size.width * size.height * 4)
    .fill(background);
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width * 4, (y + 1) * width * 4);
    all.set(row, ((y + margin) * size.width + margin) * 4);
  }
  return jsQR.default(all, size.width, size.height)?.data;
}

for (
  const [background, value] of [["dark", 0], ["light", 255]] as const
) {
  Deno.test(`qrLines() draws a code that an independent scanner reads on a ${background} background`, () => {
    for (
      const text of [
        EVENT.verificationUriComplete,
        "https://github.com/login/device",
        `https://login.example/${"a".repeat(180)}`,
      ]
    ) {
      assert.equal(scanned(qrLines(text, WIDE), value), text);
    }
  });
}

Deno.test("qrLines() draws nothing where there is no room", () => {
  const lines = qrLines(EVENT.verificationUriComplete, WIDE);
  const [first = ""] = lines;
  const size = {
    // deno-lint-ignore no-control-regex -- the colors
    columns: first.replace(/\x1b\[[\d;]*m/g, "").length,
    rows: lines.length,
  };
  assert.deepEqual(size, { columns: 33, rows: 17 });
  const fits = (more: Partial<typeof size>) =>
    qrLines(EVENT.verificationUriComplete, { ...size, ...more }).length > 0;
  assert.ok(fits({}));
  assert.ok(!fits({ columns: 32 }));
  assert.ok(!fits({ rows: 16 }));
});

Deno.test("deviceText() shows the QR code where there is room for it and for what is below it, else the link", () => {
  const shown = (room?: { columns: number; rows: number }) =>
    deviceText(EVENT, { app: "KEY…", style: PLAIN, ...(room && { room }) });
  assert.match(shown(WIDE), /▀/);
  assert.match(shown({ columns: 80, rows: 24 }), /▀/);
  assert.doesNotMatch(shown(WIDE), /Link/);
  for (
    const room of [
      undefined,
      { columns: 0, rows: 0 },
      { columns: 80, rows: 20 },
      { columns: 34, rows: 50 },
    ]
  ) {
    const text = shown(room);
    assert.doesNotMatch(text, /▀/);
    assert.match(text, /^ {2}Page {2}https:\/\/acme\.example\/device$/m);
    assert.match(text, /^ {2}Code {2}BCDF-GHJK$/m);
    assert.match(text, /^ {2}Link {2}\S+user_code=BCDF-GHJK$/m);
  }
});
