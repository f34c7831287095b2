import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

/** Path of the program `chromium`, as Debian's package calls it; `undefined` where there is none. */
export function findChromium(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin"];
  return folders.map((folder) => join(folder, "chromium")).find((file) => existsSync(file));
}

/** A browser without a window. Throws if there is no Chromium. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("There is no `chromium` here; Debian's package has this name.");
  return chromium.launch({ executablePath, timeout: 120_000 });
}

export interface View {
  width: number;
  colorScheme: "light" | "dark";
  javaScriptEnabled?: boolean;
}

/** Opens a file as a user does by a double click; `watch` gets the page before anything happens on it. */
export async function openFile(
  browser: Browser,
  file: string,
  { width, ...view }: View,
  watch: (page: Page) => void = () => undefined,
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: "reduce", ...view });
  const page = await context.newPage();
  watch(page);
  await page.goto(pathToFileURL(file).href);
  return page;
}
