import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { readEvidence } from "./evidence.ts";
import { htmlPage } from "./html/page.ts";
import type { RunReport } from "./model.ts";
import { junit, type JunitDialect } from "./junit.ts";
import { placeOf } from "./junit/place.ts";
import { statement } from "./statement.ts";

/**
 * Writes every report file of a run into its folder. Each file is whole or as it was before. `later` is where the folder
 * is going to be, if it is a draft.
 */
export async function writeReports(
  folder: string,
  report: RunReport,
  dialect: JunitDialect,
  later = folder,
): Promise<void> {
  await writeWhole(join(folder, "report.json"), statement(report));
  await writeWhole(join(folder, "junit.xml"), junit(report, dialect, placeOf(later)));
  await writeWhole(join(folder, "report.html"), htmlPage(report, await readEvidence(folder, report)));
}

/** Writes beside the file, makes sure it is on disk, and renames. Leaves nothing beside it, also where that fails. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  try {
    await writeToDisk(draft, text);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function writeToDisk(path: string, text: string): Promise<void> {
  await using file = await open(path, "w");
  await file.writeFile(text);
  await file.sync();
}
