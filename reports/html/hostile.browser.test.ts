import { expect, test } from "vitest";
import { hostileRun, hostileText } from "../sample-hostile.ts";
import { openAll, withBrowser } from "./browser.fixture.ts";

const open = withBrowser();

/** What it looks like: characters that nobody sees are shown by their number. */
const shown = hostileText.replace("\u202E", "U+202E").replace("\u0000", "U+0000");

/** Evidence for every file of a report, of hostile text. */
function evidence() {
  const paths = hostileRun().cases.flatMap(({ attachments }) => attachments);
  return new Map(paths.map((path) => [path, { bytes: 1, text: hostileText.repeat(2) }]));
}

test.for([true, false])(
  "Hostile text in every field is text and stays within the page, with scripts allowed: %s.",
  async (javaScriptEnabled) => {
    const { page, complaints } = await open(hostileRun(), { javaScriptEnabled, width: 390 }, evidence());
    await openAll(page);
    expect(await page.locator("script").count()).toBe(1);
    expect(await page.locator("img, [onerror], [onfocus]").count()).toBe(0);
    expect(complaints).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    const text = await page.locator("body").innerText();
    for (const part of [
      "1.31.1",
      "passed only at a later try",
      "Expected",
      "default",
      "external-vm: the lab's machine did not boot",
    ]) {
      expect(text).toContain(part);
    }
    // In titles, reasons, versions, URLs, identities, properties, files and all the rest.
    expect(text.split(shown).length).toBeGreaterThan(300);
    if (javaScriptEnabled) expect(await page.evaluate("window.harm")).toBeUndefined();
  },
);
