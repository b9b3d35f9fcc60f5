import type { AnswerContent, TokenAnswer, Verdict } from "./token_error.ts";

/** The cause of an error that a broker's answer without tokens led to. */
export class AnswerError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** What the answer's body was. */
  readonly content: AnswerContent;
  /** What the answer means. */
  readonly verdict: Verdict;

  /**
   * @param message What the answer was, without secrets.
   * @param answer Its status and body.
   * @param verdict What it means.
   */
  constructor(
    message: string,
    { status, content }: Pick<TokenAnswer, "status" | "content">,
    verdict: Verdict,
  ) {
    super(message);
    this.status = status;
    this.content = content;
    this.verdict = verdict;
  }
}
