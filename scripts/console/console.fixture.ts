import { withInterrupts } from "../interrupts.ts";
import { openConsole } from "../console.ts";
import { sampleReport, sampleStage } from "../../reports/sample.ts";
import { pause } from "../../lib/wait.ts";

// A stage on the console, and an end: `node console.fixture.ts report|throw|exit|SIGTERM|SIGQUIT`.

const [end = ""] = process.argv.slice(2);
const console = openConsole();
const cluster = sampleStage();

await withInterrupts(console.log, async (signal) => {
  console.stageBegan(cluster);
  console.log.scope("lab").step(1, 3, "image pause");
  await pause(300);
  console.log.warn("disk nearly full");
  if (end === "exit") process.exit(4);
  if (end === "throw") queueMicrotask(() => JSON.parse("no JSON"));
  if (end.startsWith("SIG")) process.kill(process.pid, end);
  if (end !== "report") await pause(5_000, signal).catch(() => undefined);
  console.stageEnded({ ...cluster, outcome: signal.aborted ? "interrupted" : "passed" });
});
console.report(sampleReport({ cases: [] }), "out", []);
console.log.info("kept");
