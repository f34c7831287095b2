import { describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { vmesh } from "./vmesh.fixture.ts";

// What is answered before anything is loaded; the rest of the command line: vmesh.process.test.ts.

describe("the command line", { timeout: 60_000 }, () => {
  test("tells its version", async () => {
    expect(await vmesh(["--version"])).toMatchObject({ status: 0, stdout: `${manifest.version}\n` });
  });

  test.for([
    ["no command", [], "Usage: vmesh"],
    ["an unknown command", ["rum"], "Did you mean run?"],
    ["an unknown flag", ["run", "--profil", "core"], "Did you mean --profile?"],
    ["a value that is not allowed", ["run", "--junit", "loose"], "Allowed choices are default, strict."],
    ["a word for a number", ["run", "--nodes", "two"], "Expected a whole number."],
  ] as const)("ends with 2 and starts nothing for %s", async ([, args, message]) => {
    const { status, stderr, started } = await vmesh(args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
    expect(started).toBe(false);
  });
});
