import { expect, test, vi } from "vitest";
import { application, systemDouble } from "./double.fixture.ts";
import { judgeStarlingx } from "./judge.ts";
import { starlingxSettings } from "./settings.ts";

vi.setConfig({ testTimeout: 180_000 });

test.each([
  {
    status: undefined,
    found: { level: "fine", detail: /istio-24\.09-11\.tgz on this machine$/, runDoes: "uploads it" },
  },
  { status: "uploaded", found: { level: "fine", detail: /is `uploaded`/, runDoes: "applies it" } },
  { status: "apply-failed", found: { level: "fine", detail: /is `apply-failed`/, runDoes: "applies it" } },
  { status: "applied", found: { level: "fine", detail: /^istio 24\.09-9 is `applied` on this machine$/ } },
  { status: "removing", found: { level: "missing", detail: /is `removing` .*: completed/, mend: /application-abort/ } },
  { status: "missing", found: { level: "missing", detail: /is `missing`/, mend: /sysinv\.log/ } },
])("The doctor finds an application that is $status as it is.", async ({ status, found }) => {
  const applications = status === undefined ? [] : [application("istio", "24.09-9", status)];
  const { helm, state } = await systemDouble({ applications });
  const judgement = await judgeStarlingx(starlingxSettings.parse({ folder: helm }));
  const patterns = Object.entries(found).map(([key, value]) => [
    key,
    typeof value === "string" ? value : expect.stringMatching(value),
  ]);
  expect(judgement).toMatchObject(Object.fromEntries(patterns));
  // It only looks.
  expect((await state()).calls).toEqual(["application-list --nowrap"]);
});
