import { expect, test } from "vitest";
import { laneOrder } from "./suites-stage.ts";

test("The checks of the external VM run beside the others, unless one check at a time is asked for.", () => {
  expect(laneOrder(2)).toEqual([["parallel", "external-vm"], ["serial"]]);
  expect(laneOrder(1)).toEqual([["parallel"], ["external-vm"], ["serial"]]);
});
