import { join } from "node:path";
import { expect, test } from "vitest";
import { placeOf } from "./place.ts";

const here = join(process.cwd(), "reports/out/run-1");

test.for<[string, string, NodeJS.ProcessEnv, string]>([
  ["GitLab's workspace", "/builds/a/out/run-1", { CI_PROJECT_DIR: "/builds/a" }, "out/run-1"],
  ["Jenkins' workspace", "/ws/a/out/run-1", { WORKSPACE: "/ws/a/" }, "out/run-1"],
  ["the workspace that holds it", "/ws/a/out", { CI_PROJECT_DIR: "/builds/a", WORKSPACE: "/ws/a" }, "out"],
  ["the workspace that it is", "/ws/a", { WORKSPACE: "/ws/a" }, ""],
  ["the current folder, if there is no workspace", here, {}, "reports/out/run-1"],
  [
    "the current folder, if no workspace holds it",
    here,
    { WORKSPACE: `${here}-2`, CI_PROJECT_DIR: "" },
    "reports/out/run-1",
  ],
])("A report's folder is named from %s on", ([, folder, env, place]) => {
  expect(placeOf(folder, env)).toBe(place);
});
