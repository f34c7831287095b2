import { expect, test } from "vitest";
import { scaled, timeouts } from "./timeouts.ts";

test("Every duration is a whole number of milliseconds above zero.", () => {
  for (const [name, ms] of Object.entries(timeouts)) expect(ms > 0 && Number.isInteger(ms), name).toBe(true);
});

test("A check has time for the longest things it awaits, so that their own errors come first.", () => {
  const { vmiReady, guestConsole, configPropagation, objectGone, check } = timeouts;
  expect(check).toBeGreaterThan(vmiReady + guestConsole + 2 * configPropagation + objectGone);
});

test("Repeats of a request have more time than the request.", () => {
  expect(timeouts.apiReconnect).toBeGreaterThan(timeouts.apiRequest);
});

test("A slow collector, or an API server that does not answer, leaves the others time.", () => {
  const { apiAnswer, collector, diagnostics } = timeouts;
  expect(apiAnswer + collector).toBeLessThan(diagnostics);
});

test("Scaling gives whole milliseconds.", () => {
  expect([scaled(1_000, 2.5), scaled(5, 0.3)]).toEqual([2_500, 2]);
});
