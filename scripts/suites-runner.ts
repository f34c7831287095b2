import { BaseSequencer, createVitest, type TestSpecification } from "vitest/node";
import { timeouts } from "../lib/timeouts.ts";
import { pause } from "../lib/wait.ts";
import JournalReporter from "../reports/reporter.ts";
import type { SuitesJob } from "./suites-process.ts";

// Runs one set of check files in a process of its own. The parent says `cancel` to end it early: running checks then
// see their signal abort, collect evidence and clean up. A parent that is gone counts as the same word.

const job = JSON.parse(process.argv[2] ?? "") as SuitesJob;
/** Vitest on its own begins with what took longest, or is the largest file. */
class AsGiven extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => job.files.indexOf(moduleId);
    return specifications.toSorted((a, b) => place(a) - place(b));
  }
}

const reporter = new JournalReporter();
const vitest = await createVitest({
  config: job.config,
  project: [job.project],
  run: true,
  watch: false,
  reporters: [reporter],
  sequence: { seed: job.seed, ...(job.shuffle ? { shuffle: { files: true, tests: false } } : { sequencer: AsGiven }) },
});

const cancel = () => {
  reporter.cancel();
  vitest.cancelCurrentRun("keyboard-input").catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
};
process.on("message", (word) => {
  if (word === "cancel") cancel();
});
const orphaned = () => {
  cancel();
  // Nobody is left to end a check that hears nothing.
  void pause(2 * timeouts.commandGrace).then(() => process.kill(-process.pid, "SIGKILL"));
};
process.on("disconnect", orphaned);
process.channel?.unref();

await vitest.start([...job.files]);
await vitest.close();
process.off("disconnect", orphaned);
process.exit();
