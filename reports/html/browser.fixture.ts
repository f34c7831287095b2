import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, onTestFinished, vi } from "vitest";
import type { Evidence } from "../evidence.ts";
import type { RunReport } from "../model.ts";
import { findChromium, openBrowser, openFile, type View } from "./chromium.ts";
import { htmlPage } from "./page.ts";

/** A page in a browser, and what it did that a report must not do. */
export interface OpenPage {
  page: Page;
  /** Errors on the console, exceptions, and requests for anything but the page itself. */
  complaints: string[];
}

/** For a test file: one browser and one folder for all of its tests, which skip where there is no Chromium. */
export function withBrowser(): (report: RunReport, view?: Partial<View>, evidence?: Evidence) => Promise<OpenPage> {
  let browser: Browser | undefined;
  let folder: string;
  let pages = 0;
  // A browser on a machine that does other things besides.
  vi.setConfig({ testTimeout: 120_000 });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vmesh-page-"));
    if (findChromium() !== undefined) browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(({ skip }) => skip(browser === undefined, "there is no `chromium` on this machine"));

  return async (report, view = {}, evidence = new Map()) => {
    if (browser === undefined) throw new TypeError("A page is opened in a test that does not run.");
    const file = join(folder, `${(pages += 1)}.html`);
    await writeFile(file, htmlPage(report, evidence));
    const complaints: string[] = [];
    const page = await openFile(browser, file, { width: 1280, colorScheme: "light", ...view }, (opened) => {
      opened.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      opened.on("pageerror", (error) => complaints.push(error.message));
      opened.on("request", (request) => {
        const known = request.url().startsWith("data:") || new URL(request.url()).pathname === file;
        if (!known) complaints.push(`request for ${request.url()}`);
      });
    });
    onTestFinished(() => page.context().close());
    return { page, complaints };
  };
}

/** Opens what can be opened, and what is inside of it. */
export async function openAll(page: Page): Promise<void> {
  const closed = page.locator("details:not([open])");
  while ((await closed.count()) > 0) {
    await closed.evaluateAll((all) => all.forEach((one) => one.setAttribute("open", "")));
    // The script fills what is open as soon as the browser tells it; without scripts it is filled already.
    await page.locator(".scripted details[open] noscript").first().waitFor({ state: "detached" });
  }
}
