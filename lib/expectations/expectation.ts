import { describeExchange, type Exchange } from "../traffic.ts";

/** Who is expected to refuse an exchange, and what makes it do so. */
export interface Refusal {
  by: "server's proxy" | "client's proxy" | "node" | "host";
  because: string;
}

/** A named outcome of an exchange. */
export interface Expectation {
  /** Completes "the exchange is …". */
  expected: string;
  /** Absent where nobody refuses. */
  refusal?: Refusal;
  /** What is wrong with the exchange, `undefined` if it is as expected. */
  judge(exchange: Exchange): string | undefined;
}

/** The product did something else than a check expects: a failure, not a fault of the harness. */
export class ExpectationError extends Error {
  readonly expected: string;
  readonly actual: string;

  constructor(message: string, details: { expected: string; actual: string; cause?: unknown }) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "ExpectationError";
    this.expected = details.expected;
    this.actual = details.actual;
  }
}

/** Throws an `ExpectationError` for the first of the exchanges that is not as expected, or if there is none. */
export function assertExchanges(exchanges: readonly Exchange[], expectation: Expectation, between: string): void {
  const { expected } = expectation;
  if (exchanges.length === 0) {
    const message = `${between}: expected to be ${expected}, but there was no exchange at all.`;
    throw new ExpectationError(message, { expected, actual: "no exchange" });
  }
  for (const [index, exchange] of exchanges.entries()) {
    const wrong = expectation.judge(exchange);
    if (wrong === undefined) continue;
    const which = exchanges.length > 1 ? ` (exchange ${index + 1} of ${exchanges.length})` : "";
    const actual = describeExchange(exchange);
    throw new ExpectationError(`${between}${which}: expected to be ${expected}, but ${wrong}. Got: ${actual}.`, {
      expected,
      actual,
    });
  }
}
