import { describe, expect, test } from "vitest";
import { failingRun, sampleEvidence } from "../sample-faults.ts";
import { sampleRun } from "../sample-run.ts";
import { withBrowser } from "./browser.fixture.ts";

const open = withBrowser();

describe("With a script", () => {
  test("checks are filtered by words, outcome, profile and tag, and the page says how many are left.", async () => {
    const { page } = await open(failingRun());
    const filters = page.getByRole("search");
    const shown = async () =>
      (await page.locator("#checks .check:visible .what code:first-child").allInnerTexts()).join(" ");
    expect(await page.locator("#checks .check:visible").count()).toBe(25);
    await filters.getByLabel("Text").fill("inbound/ PORT");
    expect(await shown()).toBe("declared-port-with-ports reserved-ports");
    await filters.getByLabel("Profile").selectOption("extended");
    expect(await shown()).toBe("reserved-ports");
    expect(await filters.getByRole("status").innerText()).toBe("1 of 25 checks");
    await filters.getByLabel("Text").fill("VMI's");
    await filters.getByLabel("Profile").selectOption("");
    await filters.getByLabel("Tag").selectOption("routing");
    expect(await shown()).toBe("weighted-split");
    await filters.getByLabel("Outcome").selectOption("failed");
    expect(await shown()).toBe("");
    await filters.getByLabel("Tag").selectOption("");
    await filters.getByLabel("Text").fill("");
    expect(await shown()).toBe("cirros-to-istio-vmi unmeshed-pod-refused");

    // Closed while filtered, and opened when nothing is.
    const suite = page.locator(".suite[data-suite=scenarios] > summary");
    await suite.click();
    await filters.getByLabel("Outcome").selectOption("");
    await suite.click();
    await page.locator(".suite[data-suite=scenarios] .check").nth(2).waitFor();
  });

  test("an edge of the picture leads to its calls, with namespaces, URL and identity, and from there to the check.", async () => {
    const { page } = await open(sampleRun());
    await page
      .getByRole("link", { name: /mutual TLS: external VM to mesh pod/ })
      .locator(".count")
      .click();
    const entry = page.locator(".edge-entry[open]");
    expect(await entry.innerText()).toContain("http://helloworld.vmesh-scenarios-vm-to-mesh-curl-x7k2p.svc:5000/hello");
    expect(await entry.innerText()).toContain("spiffe://cluster.local/ns/vmns/sa/default");
    await entry.getByRole("link", { name: "scenarios/vm-to-mesh-curl" }).first().click();
    const check = page.locator(".check[open]");
    expect(await check.locator("summary").innerText()).toContain("A VM outside the cluster calls helloworld by name");
    expect(await check.locator("summary").evaluate((node) => node === node.ownerDocument.activeElement)).toBe(true);
  });

  test("a check that a filter hides is shown again by a link to it.", async () => {
    const { page } = await open(failingRun());
    await page.getByRole("search").getByLabel("Outcome").selectOption("failed");
    await page.locator("#flaky").getByRole("link", { name: "lifecycle/istiod-restart" }).click();
    const check = page.locator(".check[open]");
    await check.waitFor();
    expect(await check.innerText()).toContain("istiod-restart");
    expect(await page.getByRole("status").innerText()).toBe("25 checks");
  });

  test("a command is copied by its button.", async () => {
    const { page } = await open(failingRun());
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const button = page.locator("#failures .copy").first();
    await button.click();
    await page.getByText("Copied").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(
      "scripts/vmesh run --provider lab --nodes 1 --seed 506207 --check scenarios/cirros-to-istio-vmi",
    );
  });

  test("a picture is one stop of the Tab key, within which the arrow keys move on.", async () => {
    const { page } = await open(sampleRun());
    const first = page.locator(".topology a").first();
    await first.focus();
    await page.keyboard.press("ArrowDown");
    expect(await page.evaluate("document.activeElement.getAttribute('href')")).toBe("#e-1");
    await page.keyboard.press("ArrowUp");
    expect(await page.evaluate("document.activeElement.getAttribute('href')")).toBe("#e-0");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.closest('.topology')")).toBeNull();
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.locator("#e-0 .calls").waitFor();
  });

  test("what the pointer is on in the timeline is told in words.", async () => {
    const { page } = await open(failingRun());
    await page.locator("a.span[href='#c-17']").hover();
    expect(await page.locator(".said").innerText()).toMatch(
      /^scenarios\/cirros-to-istio-vmi: failed, 92 s from \d+:\d\d$/,
    );
  });
});

describe("Without a script", () => {
  const view = { javaScriptEnabled: false };

  test("every part but the filters is there and opens, to the calls of each check.", async () => {
    const { page, complaints } = await open(failingRun(), view, sampleEvidence());
    expect(await page.locator(".filters, .copy").filter({ visible: true }).count()).toBe(0);
    expect(await page.locator(".check").count()).toBe(25);
    const check = page.locator(".check", { hasText: "weighted-split" });
    await check.locator("summary").click();
    expect(await check.locator(".calls").innerText()).toContain(
      "spiffe://cluster.local/ns/vmesh-routing-weighted-split",
    );
    const log = page.locator(".files details", { hasText: "istio-proxy.log" });
    await log.locator("summary").click();
    expect(await log.locator("pre").innerText()).toContain("delayed connect error: 111");
    expect(complaints).toEqual([]);
  });

  test("colours are light or dark as one chooses.", async () => {
    const { page } = await open(sampleRun(), view);
    const ground = () =>
      page.locator("body").evaluate((body) => body.ownerDocument.defaultView?.getComputedStyle(body).backgroundColor);
    const light = await ground();
    await page.getByLabel("Dark").check();
    expect(await ground()).not.toBe(light);
    await page.getByLabel("Light").check();
    expect(await ground()).toBe(light);
  });
});

test("On paper the page is light, without what only a screen can do, and shows what was folded.", async () => {
  const { page } = await open(failingRun(), { colorScheme: "dark" }, sampleEvidence());
  await page.evaluate("dispatchEvent(new Event('beforeprint'))");
  await page.emulateMedia({ media: "print" });
  expect(await page.locator("nav, .filters, .copy, .theme").filter({ visible: true }).count()).toBe(0);
  expect(
    await page
      .locator("body")
      .evaluate((body) => body.ownerDocument.defaultView?.getComputedStyle(body).backgroundColor),
  ).toBe("rgb(251, 251, 250)");
  expect(await page.locator(".files pre", { hasText: "delayed connect error" }).isVisible()).toBe(true);
});
