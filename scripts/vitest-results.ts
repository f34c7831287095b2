import type { Counts } from "../reports/model.ts";

/** What vitest's JSON reporter writes, as far as it is read here. */
interface Results {
  numPassedTests?: number;
  numFailedTests?: number;
  numPendingTests?: number;
  numTodoTests?: number;
  testResults?: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
  }[];
}

/** One red test, or a file that could not be loaded. */
export interface RedTest {
  title: string;
  /** Its lines are those of the error, and of where it was thrown. */
  message: string;
}

/** Counts of a project of vitest. Files that cannot be loaded and errors outside of tests count as failed, too. */
export function countsOf(text: string, exitCode: number): Counts {
  const results = JSON.parse(text) as Results;
  const failed = (results.numFailedTests ?? 0) + unloaded(results).length;
  return {
    passed: results.numPassedTests ?? 0,
    failed: exitCode === 0 ? failed : Math.max(1, failed),
    skipped: (results.numPendingTests ?? 0) + (results.numTodoTests ?? 0),
  };
}

/** The red tests and why they are. Empty if the results are cut off, of which `countsOf` tells. */
export function redTests(text: string): RedTest[] {
  let results: Results;
  try {
    results = JSON.parse(text) as Results;
  } catch {
    return [];
  }
  const files = unloaded(results).map(({ name, message = "" }) => ({ title: name, message }));
  const tests = (results.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages = [] }) => ({
        title: `${name}: ${fullName}`,
        message: failureMessages.join("\n"),
      })),
  );
  return [...files, ...tests];
}

function unloaded({ testResults = [] }: Results) {
  return testResults.filter((one) => one.status === "failed" && one.assertionResults.length === 0);
}
