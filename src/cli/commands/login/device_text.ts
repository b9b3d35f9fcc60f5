import type { LoginEvent } from "../../../login/login_event.ts";
import type { Style } from "../../terminal/style.ts";
import { qrLines } from "./qr_lines.ts";

/** How the text is shown. */
export interface DeviceTextOptions {
  /** The app's key, masked. */
  readonly app: string;
  /** The colors. */
  readonly style: Style;
  /** The terminal's size, for a QR code; 0 where it is unknown. @default {no QR code} */
  readonly room?: { readonly columns: number; readonly rows: number };
}

/** The lines that must be visible together with the QR code: those below it. */
const LINES_BELOW = 5;
/** The indentation of what is not a sentence. */
const INDENT = "  ";

/**
 * Formats what a person does to log in with a code on another device: the page,
 * the code, and a QR code of the page if there is room for it.
 *
 * @param event The code that was issued.
 * @param options How it is shown.
 * @returns The lines.
 */
export function deviceText(
  event: LoginEvent & { readonly type: "device" },
  { app, style: { bold, cyan, dim }, room }: DeviceTextOptions,
): string {
  const { verificationUri, verificationUriComplete: link, because } = event;
  const qr = room === undefined ? [] : qrLines(link ?? verificationUri, {
    columns: room.columns - INDENT.length - 1,
    rows: room.rows - LINES_BELOW,
  });
  const showsLink = qr.length === 0 && link !== undefined;
  const enter = "open the page on any device and enter the code";
  return [
    `${bold(`Logging in to ${event.broker}`)} with the app ${app}.`,
    ...(because === undefined ? [] : [
      dim(`No browser login here: ${because} (--no-device forces one).`),
    ]),
    qr.length > 0
      ? `Scan this with a phone, or ${enter}:`
      : showsLink
      ? `O${enter.slice(1)}, or open the link, which contains it:`
      : `O${enter.slice(1)}:`,
    "",
    ...(qr.length > 0 ? [...qr.map((line) => INDENT + line), ""] : []),
    `${INDENT}Page  ${cyan(verificationUri)}`,
    `${INDENT}Code  ${bold(event.userCode)}`,
    ...(showsLink ? [`${INDENT}Link  ${cyan(link)}`] : []),
    "",
    "",
  ].join("\n");
}
