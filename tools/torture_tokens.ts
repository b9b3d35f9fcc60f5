/** Returns a token that shows where it was cut: its number, and padding whose length follows from it. */
export function madeToken(kind: "A" | "R", count: number): string {
  return `${kind}${count}-${"x".repeat((count * 7919) % 200_000)}`;
}

/** Returns the number of such a token; `undefined` when it is damaged. */
export function numberOf(
  kind: "A" | "R",
  token: string | undefined,
): number | undefined {
  const number = Number(/^[AR](\d+)-/.exec(token ?? "")?.[1]);
  return token === madeToken(kind, number) ? number : undefined;
}
