import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { describeError, exitCodeOf, exitCodes, usageError } from "../lib/errors.ts";
import { openBrowser, openFile } from "../reports/html/chromium.ts";

// Called by hand: pictures of a report's page, of what fits on a screen and of the whole.

const usage = `Usage: node scripts/screenshots.ts REPORT.html [--name NAME] [--out FOLDER]
--name   how the files begin (the name of the file)
--out    folder (reports/out/screenshots)
Writes NAME-WIDTH-SCHEME.png for 1280 and 390 pixels, light and dark, and NAME-WIDTH-SCHEME-whole.png.
`;

process.exit(await main());

async function main(): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        name: { type: "string" },
        out: { type: "string", default: "reports/out/screenshots" },
        help: { type: "boolean", default: false },
      },
    });
    const [file, ...more] = positionals;
    if (values.help) process.stdout.write(usage);
    else if (file === undefined || more.length > 0)
      throw usageError(`Expected one file, got ${positionals.length}.\n${usage}`);
    else await shoot(file, values.name ?? basename(file, ".html"), values.out);
    return exitCodes.conformant;
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    return exitCodeOf(error);
  }
}

async function shoot(file: string, name: string, out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  const browser = await openBrowser();
  try {
    for (const width of [1280, 390]) {
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await openFile(browser, file, { width, colorScheme });
        const path = join(out, `${name}-${width}-${colorScheme}`);
        await page.screenshot({ path: `${path}.png` });
        await page.screenshot({ path: `${path}-whole.png`, fullPage: true });
        process.stdout.write(`${path}.png\n`);
        await page.context().close();
      }
    }
  } finally {
    await browser.close();
  }
}
