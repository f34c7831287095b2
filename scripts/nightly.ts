import { randomInt } from "node:crypto";
import { $, type ProcessPromise } from "zx";
import { exitCodes } from "../lib/errors.ts";

// Called by scripts/nightly. Each step runs whatever became of the one before; the summary comes last, and the exit
// code is 1 if a step was red. VMESH_REPEATS says how often the checks run on two nodes (10), each time in another order
// and without a second try for any of them.

const repeats = Number(process.env["VMESH_REPEATS"] ?? 10);
/** Of this night alone, so that two of its folders of runs can be compared. */
const out = `reports/out/nightly-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
const summary: string[] = [];
let red = false;
let interrupted = false;
let current: ProcessPromise | undefined;

// A Ctrl-C reaches the step by itself; what it cleans up is waited for.
process.on("SIGINT", () => (interrupted = true));
process.on("SIGTERM", () => {
  interrupted = true;
  void current?.kill("SIGTERM");
});

if (await step("two nodes up", ["scripts/vmesh", "up", "--nodes", "2"])) {
  for (let i = 1; i <= repeats; i += 1) {
    const seed = randomInt(1_000_000);
    const command = ["scripts/vmesh", "run", "--cluster", "current", "--profile", "extended", "--seed", `${seed}`];
    await step(`two nodes, run ${i} of ${repeats}, seed ${seed}`, [...command, "--out", `${out}/lab`]);
  }
  // As one that was there before: the cluster has to be as it was, and the verdicts the same.
  const borrowed = `mkdir -p ${out} && node scripts/borrow.ts --untouched >${out}/borrowed.yaml`;
  const whole = `scripts/vmesh run --cluster kubeconfig --config ${out}/borrowed.yaml --profile extended`;
  await step("through provider kubeconfig", ["bash", "-c", `${borrowed} && ${whole} --out ${out}/borrowed`]);
  await step("the same verdicts", ["scripts/vmesh", "diff", `${out}/lab`, `${out}/borrowed`]);
  // Here, not on one node: there the checks that need two are skipped.
  await step("mutations", ["scripts/mutate", "--cluster", "current"]);
  await step("faults", ["scripts/faults", "--shared", "--cluster", "current"]);
  // After them, as red checks leave evidence.
  const evidence = "reports/out/faults/latest";
  await step("secrets", ["node", "scripts/canary.ts", "--cluster", "current", "--run", evidence]);
  await step("down", ["scripts/vmesh", "down"], { always: true });
  await step("faults with clusters of their own", ["scripts/faults", "--own"]);
}
await step("benchmarks", ["scripts/bench"]);

process.stdout.write(`\n${summary.join("\n")}\n`);
process.exit(interrupted ? exitCodes.interrupted : red ? exitCodes.failed : exitCodes.conformant);

/** Runs a command with its output on the terminal; after an interrupt only what runs `always`. True if it succeeded. */
async function step(name: string, command: readonly string[], { always = false } = {}): Promise<boolean> {
  if (interrupted && !always) {
    summary.push(`skip  ${name}: interrupted`);
    return false;
  }
  process.stderr.write(`== ${name}: ${command.join(" ")}\n`);
  const started = performance.now();
  current = $({ stdio: "inherit", nothrow: true })`${[...command]}`;
  const { exitCode } = await current;
  const seconds = Math.round((performance.now() - started) / 1000);
  red ||= exitCode !== 0;
  summary.push(exitCode === 0 ? `ok    ${name} (${seconds} s)` : `FAIL  ${name} (exit code ${exitCode}, ${seconds} s)`);
  return exitCode === 0;
}
