import { expect, test } from "vitest";
import { environmentError } from "./errors.ts";
import { ExpectationError } from "./expectations.ts";
import { failsAs } from "./expected-failure.ts";

const same = (error: unknown) => error;
const failing = (error: unknown) => async () => {
  throw error;
};
const expectation = new ExpectationError("the name is not found", { expected: "an answer", actual: "dns" });

test("A failure as described is the expected end, also one of vitest's assertions.", async () => {
  await failsAs(/name is not found/, "d.md", failing(expectation), same);
  const assertion = Object.assign(new Error("name is not found"), { name: "AssertionError" });
  await failsAs(/name is not found/, "d.md", failing(assertion), same);
});

test("A check that passes is red: the defect is gone.", async () => {
  await expect(failsAs(/x/, "d.md", async () => {}, same)).rejects.toThrow(
    "It passed: the defect of d.md is gone, so the check must no longer expect it.",
  );
});

test("Another failure is red and tells what it was.", async () => {
  await expect(failsAs(/refused/, "d.md", failing(expectation), same)).rejects.toThrow(
    "It failed in another way than d.md describes: the name is not found",
  );
});

test("What the product is not to blame for stays what it is, even where its message would match.", async () => {
  const error = environmentError("the name is not found");
  await expect(failsAs(/name is not found/, "d.md", failing(error), same)).rejects.toBe(error);
});
