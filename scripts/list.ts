import { readFile } from "node:fs/promises";
import { loadCatalog } from "../lib/catalog.ts";
import { type Flags, loadConfig } from "../lib/config.ts";
import { exitCodes, usageError } from "../lib/errors.ts";
import { writeWhole } from "../reports/write.ts";
import { catalogTable, withCatalog } from "./catalog.ts";
import { select } from "./select.ts";

/**
 * `list`: the selected checks, one a line, as JSON, or as a table in Markdown, which is printed or written between the
 * markers of a file. Returns the exit code.
 */
export async function list({ config: file, json, markdown, ...flags }: Flags): Promise<number> {
  const config = await loadConfig(flags, file as string | undefined);
  const checks = select(await loadCatalog(), config);
  if (json) {
    const relative = checks.map((check) => ({ ...check, file: `suites/${check.id}.test.ts` }));
    process.stdout.write(`${JSON.stringify(relative, null, 2)}\n`);
    return exitCodes.conformant;
  }
  if (typeof markdown === "string") {
    const text = await readFile(markdown, "utf8").catch((cause: unknown) => {
      throw usageError(`The file \`${markdown}\` cannot be read.`, { cause });
    });
    await writeWhole(markdown, withCatalog(text, checks));
    return exitCodes.conformant;
  }
  if (markdown) {
    process.stdout.write(catalogTable(checks));
    return exitCodes.conformant;
  }
  const width = Math.max(...checks.map((check) => check.id.length));
  for (const { id, title, profile, tags, needs, serial } of checks) {
    const facts = [
      profile,
      serial ? "serial" : "",
      `tags ${tags.join(", ")}`,
      `needs ${needs.join(", ") || "nothing"}`,
    ];
    process.stdout.write(`${id.padEnd(width)}  ${title}\n${" ".repeat(width)}  ${facts.filter(Boolean).join("; ")}\n`);
  }
  return exitCodes.conformant;
}
