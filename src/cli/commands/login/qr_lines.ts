import { generate } from "lean-qr";

/** The light border that scanners need to find the code, in modules: half of what ISO 18004 asks for is enough for phones, and fits more terminals. */
const BORDER = 2;
/** Black and white of the fixed palette: a theme changes the first 16 colors, and light and dark backgrounds need the same code. */
const DARK = 16;
const LIGHT = 231;

/**
 * Draws a QR code for a terminal with 256 colors, two modules a character.
 *
 * @param text What it contains.
 * @param room How much of the terminal it may take.
 * @returns Its lines; none where there is no room for it.
 */
export function qrLines(
  text: string,
  room: { readonly columns: number; readonly rows: number },
): string[] {
  const code = generate(text);
  const width = code.size + 2 * BORDER;
  const height = Math.ceil(width / 2);
  if (width > room.columns || height > room.rows) return [];
  const color = (x: number, y: number) =>
    code.get(x - BORDER, y - BORDER) ? DARK : LIGHT;
  return Array.from({ length: height }, (_, row) => {
    let line = "";
    let last = "";
    for (let x = 0; x < width; x++) {
      const [upper, lower] = [color(x, 2 * row), color(x, 2 * row + 1)];
      const colors = `\x1b[38;5;${upper};48;5;${lower}m`;
      // The half block of some fonts leaves hairlines, which a space does not.
      const half = upper === lower ? " " : "▀";
      line += colors === last ? half : colors + half;
      last = colors;
    }
    return `${line}\x1b[0m`;
  });
}
