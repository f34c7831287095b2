import { expect, test } from "vitest";
import { syntheticRun } from "../sample-run.ts";
import { withBrowser } from "./browser.fixture.ts";
import { htmlPage } from "./page.ts";

const open = withBrowser();

test("Ten times the checks are ten times the bytes, and hardly more elements in the browser.", async () => {
  const [small, large] = [syntheticRun(500), syntheticRun(5_000)];
  expect(htmlPage(large).length / htmlPage(small).length).toBeLessThan(10);
  const elements = async (report: typeof small) => {
    const { page } = await open(report);
    return page.locator("main > section:not(#checks) *").count();
  };
  expect(await elements(large)).toBeLessThan(2 * (await elements(small)));
});

test("Of thousands of checks each is found by a link and by a filter, a hundred at a time in the list.", async () => {
  const { page, complaints } = await open(syntheticRun(5_000));
  const rows = page.locator(".check");
  expect(await rows.count()).toBe(0);
  await page.locator(".suite > summary", { hasText: "scenarios" }).click();
  await rows.nth(99).waitFor();
  expect(await rows.count()).toBe(100);
  await page.getByRole("button", { name: "500 more" }).click();
  expect(await rows.count()).toBe(200);
  await page.getByRole("search").getByLabel("Text").fill("udp");
  await page.getByText("0 of 5000 checks").waitFor();
  await page.getByRole("search").getByLabel("Text").fill("stop-start-137 stopped");
  await page.getByText("1 of 5000 checks").waitFor();
  expect(await rows.count()).toBe(1);
  await page.evaluate("location.hash = '#c-4986'");
  await page.locator("#c-4986[open]").waitFor();
  expect(complaints).toEqual([]);
});
