/** The made-up accounts of the made-up user. */
export const accounts: readonly {
  readonly number: string;
  readonly type: "MARGIN" | "CASH";
  readonly name: string;
  readonly balance: number;
}[] = [
  {
    number: "10000001",
    type: "MARGIN",
    name: "Individual",
    balance: 25_310.42,
  },
  { number: "10000002", type: "CASH", name: "Roth IRA", balance: 8_120 },
];
