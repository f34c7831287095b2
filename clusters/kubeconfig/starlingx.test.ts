import { expect, test } from "vitest";
import { parseSettings } from "./settings.ts";

test("`starlingx` without Istio to install is refused, with what to add.", () => {
  expect(() => parseSettings({ starlingx: {} })).toThrow("`install` does not name it");
  expect(() => parseSettings({ starlingx: { tarbal: "x" }, install: ["istio"] })).toThrow("`kubeconfig` section");
  expect(parseSettings({ starlingx: {}, install: "missing" }).starlingx?.namespace).toBe("vmesh-starlingx");
});
