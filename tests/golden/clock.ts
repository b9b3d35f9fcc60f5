/** Loaded before a program (`deno run --preload`): its clock stands still at the seconds in `GOLDEN_NOW`, when the golden files are fresh. */
const now = Number(Deno.env.get("GOLDEN_NOW")) * 1000;
Date.now = () => now;
