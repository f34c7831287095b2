import { describeError } from "./errors.ts";
import { ExpectationError } from "./expectations.ts";

/**
 * Runs the body of a check for which a defect is known, and returns if it fails as the defect makes it. Throws an
 * `ExpectationError` if it passes, as the defect is gone then, or if the product fails in any other way; what is no
 * failure of the product is thrown as it is.
 */
export async function failsAs(
  defect: RegExp,
  description: string,
  body: () => Promise<void>,
  asFailure: (error: unknown) => unknown,
): Promise<void> {
  const expected = `a failure that matches ${defect}, as ${description} describes`;
  let failure: unknown;
  try {
    await body();
  } catch (error) {
    failure = asFailure(error);
    if (!isProductFailure(failure)) throw failure;
  }
  if (failure === undefined) {
    const message = `It passed: the defect of ${description} is gone, so the check must no longer expect it.`;
    throw new ExpectationError(message, { expected, actual: "it passed" });
  }
  const actual = describeError(failure);
  if (defect.test(actual)) return;
  throw new ExpectationError(`It failed in another way than ${description} describes: ${actual}`, {
    expected,
    actual,
    cause: failure,
  });
}

/** Vitest's own assertions count, too. */
function isProductFailure(error: unknown): boolean {
  return error instanceof ExpectationError || (error instanceof Error && error.name === "AssertionError");
}
