import { existsSync } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { findChromium, openBrowser } from "../reports/html/chromium.ts";
import { reportFrom } from "../reports/fold.ts";
import { readJournal, record } from "../reports/journal.ts";
import { writeReports } from "../reports/write.ts";
import { median } from "../lib/median.ts";
import { type FigureName, type Sample } from "./bench-figures.ts";
import { syntheticEvents } from "./synthetic-run.ts";

/** What a run of so many checks takes to be reported. */
interface Cost {
  /** From the journal on disk to a report in memory, seconds. */
  fold: number;
  /** From there to every file on disk, seconds. */
  write: number;
  /** Bytes of each file; none of one that is not written. */
  bytes: Record<(typeof files)[number], number | undefined>;
}

/** The figures that `measureReports` tells of. */
export const reportFigures: readonly FigureName[] = [
  ...(["reportFold", "reportWrite", "journalSize", "statementSize", "junitSize"] as const),
  ...(["pageSize", "pageOpens", "sizeGrowth", "timeGrowth"] as const),
];

const files = ["journal.ndjson", "report.json", "junit.xml", "report.html"] as const;

/**
 * Size and time of the reports of a run with `checks.large` checks, and how they grow from one with `checks.small`: ten
 * times as many take ten times as much where growth is linear. Leaves the reports of the large run in `folder`.
 */
export async function measureReports(
  folder: string,
  checks: { small: number; large: number } = { small: 1_000, large: 10_000 },
): Promise<Sample[]> {
  const small = join(folder, `${checks.small}`);
  const large = join(folder, `${checks.large}`);
  // The first is for the compiler alone.
  const few: Cost[] = [];
  for (let round = 0; round < 4; round += 1) few.push(await costOf(small, checks.small));
  few.shift();
  await rm(small, { recursive: true });
  const many = await costOf(large, checks.large);
  const page = join(large, "report.html");
  const times = checks.large / checks.small;
  const [first] = few;
  const growth = Math.max(
    ...files.map((file) => (many.bytes[file] ?? 0) / (first?.bytes[file] ?? Number.POSITIVE_INFINITY) / times),
  );
  const seconds = ({ fold, write }: Cost) => fold + write;
  return [
    { name: "reportFold", sample: many.fold },
    { name: "reportWrite", sample: many.write },
    { name: "journalSize", sample: megabytes(many.bytes["journal.ndjson"]) },
    { name: "statementSize", sample: megabytes(many.bytes["report.json"]) },
    { name: "junitSize", sample: megabytes(many.bytes["junit.xml"]) },
    { name: "sizeGrowth", sample: growth },
    { name: "timeGrowth", sample: seconds(many) / median(few.map(seconds)) / times },
    ...(await pageFigures(page, many.bytes["report.html"])),
  ];
}

/** Seconds until a page has loaded and been drawn, in a browser that runs already. */
export async function secondsToOpen(page: string): Promise<number> {
  const browser = await openBrowser();
  try {
    const tab = await browser.newPage();
    await tab.goto("about:blank");
    const started = performance.now();
    await tab.goto(pathToFileURL(page).href, { waitUntil: "load" });
    await tab.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    return (performance.now() - started) / 1000;
  } finally {
    await browser.close();
  }
}

async function costOf(folder: string, checks: number): Promise<Cost> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const journal = join(folder, "journal.ndjson");
  for (const event of syntheticEvents(checks)) record(journal, event);
  const started = performance.now();
  const report = reportFrom(readJournal(journal));
  const folded = performance.now();
  await writeReports(folder, report, "default");
  const written = performance.now();
  if (report.cases.length !== checks) throw new TypeError(`${report.cases.length} of ${checks} checks are reported.`);
  const sizes = await Promise.all(files.map(async (file) => [file, await sizeOf(join(folder, file))] as const));
  const bytes = Object.fromEntries(sizes) as Cost["bytes"];
  return { fold: (folded - started) / 1000, write: (written - folded) / 1000, bytes };
}

async function pageFigures(page: string, bytes: number | undefined): Promise<Sample[]> {
  const leftOut = "no `report.html` is written";
  if (bytes === undefined) {
    return [
      { name: "pageSize", leftOut },
      { name: "pageOpens", leftOut },
    ];
  }
  const size: Sample = { name: "pageSize", sample: megabytes(bytes) };
  if (findChromium() === undefined) return [size, { name: "pageOpens", leftOut: "`chromium` is not installed" }];
  return [size, { name: "pageOpens", sample: await secondsToOpen(page) }];
}

async function sizeOf(path: string): Promise<number | undefined> {
  return existsSync(path) ? (await stat(path)).size : undefined;
}

function megabytes(bytes = 0): number {
  return bytes / 1e6;
}
