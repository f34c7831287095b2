import { describe, expect, test, vi } from "vitest";
import { describeError, exitCodeOf, exitCodes } from "../../lib/errors.ts";
import { createLog } from "../../lib/log.ts";
import { applied, memoryCluster } from "./starlingx/cluster.fixture.ts";
import { application, systemDouble } from "./starlingx/double.fixture.ts";
import type { Misbehaviour } from "./starlingx/doubles/state.ts";
import type { Pace } from "./starlingx/lifecycle.ts";
import { namespace, namespaceOf, scene } from "./starlingx/scene.fixture.ts";

// Each command of the double is a process of its own.
vi.setConfig({ testTimeout: 180_000 });

/** A way in which the double misbehaves, with what a user reads. */
interface Failure {
  name: string;
  misbehaviour: Misbehaviour;
  pace?: Partial<Pace>;
  says: RegExp;
  /** Also in the log. */
  warns?: RegExp;
}

const failures: Failure[] = [
  {
    name: "an upload that is refused",
    misbehaviour: { refuses: { "application-upload": "Application-upload rejected: checksum validation failed." } },
    says: /`system application-upload .*` was refused on this machine: Application-upload rejected: checksum/,
  },
  {
    name: "an upload that fails",
    misbehaviour: { upload: { looks: 2, ends: "badly", progress: "chart validation failed" } },
    says: /istio` 24\.09-11 is `upload-failed`, expected `uploaded`\. Its progress: chart validation failed\./,
  },
  {
    name: "an upload that nothing comes of",
    misbehaviour: { losesUpload: true },
    says: /StarlingX does not list the application `istio`, expected it `uploaded`\./,
  },
  {
    name: "an upload that prints nothing",
    misbehaviour: { silent: ["application-upload"] },
    says: /`system application-upload .*` printed nothing on this machine/,
  },
  {
    name: "an apply that is refused",
    misbehaviour: { refuses: { "application-apply": "Application-apply rejected: a restore is in progress." } },
    says: /`system application-apply istio` was refused on this machine: Application-apply rejected: a restore/,
  },
  {
    name: "an apply that prints nothing",
    misbehaviour: { silent: ["application-apply"] },
    says: /`system application-apply istio` printed nothing on this machine/,
  },
  {
    name: "an apply that fails",
    misbehaviour: { apply: { looks: 2, ends: "badly", progress: "istio-pilot: timed out\nwaiting for the condition" } },
    says: /is `apply-failed`, expected `applied`\. Its progress: istio-pilot: timed out waiting for the condition\./,
  },
  {
    name: "an apply that is stuck",
    misbehaviour: {
      apply: {
        looks: 0,
        ends: "never",
        progress: "Applying app istio. Chart istio-cni applied. Overall completion: 40%",
      },
    },
    pace: { apply: 1_000 },
    says: /is still after 1 s `applying`, expected `applied`\. Its progress: .*Overall completion: 40%\./,
  },
  {
    name: "an apply that recovers for too long",
    misbehaviour: {
      apply: { looks: 6, ends: "badly", status: "recovering", progress: "Recovering from: Helm upgrade failed." },
    },
    pace: { apply: 300 },
    says: /is still after 0\.3 s `recovering`, expected `applied`\. Its progress: Recovering from: Helm upgrade failed\./,
  },
  {
    name: "a list that is no table",
    misbehaviour: { list: "Traceback (most recent call last):\n  boom" },
    says: /`system application-list` printed no table as expected/,
  },
  {
    name: "a list that is another table",
    misbehaviour: { list: "+------+-------+\n| name | state |\n+------+-------+\n| a    | b     |\n+------+-------+" },
    says: /it has no column `application`, `version`, `status`, `progress`/,
  },
  {
    name: "a command that hangs",
    misbehaviour: { hangs: ["application-list"] },
    pace: { command: 2_000 },
    says: /`system application-list --nowrap` did not end within 2 s/,
  },
  {
    name: "an apply whose command hangs",
    misbehaviour: { hangs: ["application-apply"] },
    pace: { command: 8_000 },
    says: /`system application-apply istio` did not end within 8 s/,
  },
  {
    name: "a command that prints nothing",
    misbehaviour: { silent: ["application-list"] },
    says: /printed nothing on this machine, as it does where it cannot reach its API/,
  },
  {
    name: "a removal that fails after an apply that failed",
    misbehaviour: {
      apply: { looks: 0, ends: "badly", progress: "no image" },
      remove: { looks: 1, ends: "badly", progress: "helm release is locked" },
    },
    says: /is `apply-failed`, expected `applied`\. Its progress: no image\./,
    warns:
      /StarlingX could not remove the application `istio`, so its removal was forced\.[\s\S]*helm release is locked/,
  },
];

describe("a StarlingX with", () => {
  test.each(failures)(
    "$name is an environment error, and nothing is left.",
    async ({ misbehaviour, pace = {}, says, warns }) => {
      const double = await systemDouble({ misbehaviour });
      const cluster = memoryCluster();
      const { install, words } = scene(cluster, { folder: double.helm }, pace);
      const error: unknown = await install().catch((thrown: unknown) => thrown);
      expect((error as Error).message).toMatch(says);
      expect(exitCodeOf(error)).toBe(exitCodes.environment);
      expect(await double.istio()).toBeUndefined();
      expect((await double.state()).operation).toBeUndefined();
      expect(cluster.objects).toEqual(applied);
      expect(words()).toMatch(warns ?? /^(?![\s\S]*not everything)/);
    },
  );

  test("an application that somebody else is at work on is an environment error, and stays.", async () => {
    const somebody = application("istio", "24.09-9", "applying", "retrieving docker images");
    const double = await systemDouble({ applications: [somebody] });
    const cluster = memoryCluster();
    const { install } = scene(cluster, { folder: double.helm });
    await expect(install()).rejects.toThrow(
      "is `applying`, expected `applied`. Its progress: retrieving docker images",
    );
    expect(await double.istio()).toEqual(somebody);
    expect(cluster.objects).toEqual(applied);
  });

  test("no credentials is an environment error that says how to get them.", async () => {
    const double = await systemDouble();
    delete process.env["OS_AUTH_URL"];
    delete process.env["OS_USERNAME"];
    const { install } = scene(memoryCluster(), { folder: double.helm });
    await expect(install()).rejects.toMatchObject({
      kind: "environment",
      message: "`system` has no credentials of keystone_admin: OS_USERNAME, OS_AUTH_URL is not set.",
      hint: expect.stringContaining("source /etc/platform/openrc"),
    });
    expect((await double.state()).calls).toEqual([]);
  });

  test("an interrupt in the middle of an apply takes everything back.", async () => {
    const double = await systemDouble({ misbehaviour: { apply: { looks: 0, ends: "never" } } });
    const cluster = memoryCluster();
    const controller = new AbortController();
    const { component, target } = scene(cluster, { folder: double.helm });
    const log = createLog({ write: (line) => void (/is applying/.test(line) && controller.abort()) });
    await expect(component.install({ ...target, log }, controller.signal)).rejects.toMatchObject({
      kind: "interrupted",
    });
    expect(await double.istio()).toBeUndefined();
    expect(cluster.objects).toEqual(applied);
  });
});

/** What keeps the application from going, with what a user reads, and which state it is left in. */
interface Stuck {
  name: string;
  misbehaviour: Misbehaviour;
  pace?: Partial<Pace>;
  says: RegExp;
  status: string;
}

const refused = "rejected: the platform is being upgraded.";
const removals: Stuck[] = [
  {
    name: "cannot even be forced",
    misbehaviour: { remove: { looks: 0, ends: "badly", evenForced: true, progress: "helm release is locked" } },
    says: /is `remove-failed`, expected `uploaded`\. .*helm release is locked/,
    status: "remove-failed",
  },
  {
    name: "does not end",
    misbehaviour: { remove: { looks: 0, ends: "never", progress: "deleting application manifest" } },
    pace: { remove: 1_000 },
    says: /is still after 1 s `removing`, expected `uploaded`\. Its progress: deleting application manifest\./,
    status: "removing",
  },
  {
    name: "is refused",
    misbehaviour: { refuses: { "application-remove": `Application-remove ${refused}` } },
    says: /`system application-remove istio` was refused on this machine: Application-remove rejected: the platform/,
    status: "applied",
  },
  {
    name: "is silent",
    misbehaviour: { silent: ["application-remove"] },
    says: /`system application-remove istio` printed nothing on this machine/,
    status: "applied",
  },
  {
    name: "hangs",
    misbehaviour: { hangs: ["application-remove"] },
    pace: { command: 8_000 },
    says: /`system application-remove istio` did not end within 8 s/,
    status: "applied",
  },
  {
    name: "is followed by a refused deletion",
    misbehaviour: { refuses: { "application-delete": `Application-delete ${refused}` } },
    says: /`system application-delete istio` was refused on this machine: Application-delete rejected: the platform/,
    status: "uploaded",
  },
  {
    name: "is followed by a deletion that hangs",
    misbehaviour: { hangs: ["application-delete"] },
    pace: { command: 8_000 },
    says: /`system application-delete istio` did not end within 8 s/,
    status: "uploaded",
  },
];

describe("A removal that", () => {
  test.each(removals)(
    "$name is an environment error that says what is left, and another attempt takes it up.",
    async ({ misbehaviour, pace = {}, says, status }) => {
      const double = await systemDouble({ applications: [application("istio", "24.09-11", "applied")] });
      const noted = { application: "missing", namespace: false, injection: null, attachment: false };
      const annotations = { "vmesh.dev/starlingx-before": JSON.stringify(noted) };
      const enrolled = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, annotations } };
      const cluster = memoryCluster([...applied, enrolled]);
      const { target, component } = scene(cluster, { folder: double.helm }, pace);
      await double.misbehave(misbehaviour);
      const error: unknown = await component.remove?.(target).catch((thrown: unknown) => thrown);
      expect(describeError(error)).toMatch(says);
      expect(exitCodeOf(error)).toBe(exitCodes.environment);
      expect(await double.istio()).toMatchObject({ status });
      expect(namespaceOf(cluster)?.metadata.annotations).toHaveProperty(["vmesh.dev/starlingx-before"]);

      await double.misbehave({});
      await scene(cluster, { folder: double.helm }).component.remove?.(target);
      expect(await double.istio()).toBeUndefined();
      expect(cluster.objects).toEqual(applied);
    },
  );
});

const unending: Stuck[] = [
  {
    name: "is uploaded for ever",
    misbehaviour: { upload: { looks: 0, ends: "never", progress: "validating and uploading charts" } },
    pace: { upload: 1_000, remove: 1_000 },
    says: /is still after 1 s `uploading`, expected `uploaded`\. Its progress: validating and uploading charts\./,
    status: "uploading",
  },
  {
    name: "gets lost while it is uploaded",
    misbehaviour: { upload: { looks: 0, ends: "never", status: "missing" } },
    says: /is `missing`, expected `uploaded`[^]*StarlingX knows the application but has lost it/,
    status: "missing",
  },
  {
    name: "gets lost while it is applied",
    misbehaviour: { apply: { looks: 0, ends: "never", status: "missing" } },
    says: /is `missing`, expected `applied`[^]*StarlingX knows the application but has lost it/,
    status: "missing",
  },
  {
    name: "recovers for ever",
    misbehaviour: { apply: { looks: 0, ends: "never", status: "recovering", progress: "Recovering from: no image" } },
    pace: { apply: 1_000, remove: 1_000 },
    says: /is still after 1 s `recovering`, expected `applied`\. Its progress: Recovering from: no image\./,
    status: "recovering",
  },
];

describe("An application that", () => {
  test.each(unending)(
    "$name is an environment error, stays, as StarlingX lets nobody take it back, is told, and goes once it can.",
    async ({ misbehaviour, pace = {}, says, status }) => {
      const double = await systemDouble({ misbehaviour });
      const cluster = memoryCluster();
      const { install, target, component, words } = scene(cluster, { folder: double.helm }, pace);
      const error: unknown = await install().catch((thrown: unknown) => thrown);
      expect(describeError(error)).toMatch(says);
      expect(exitCodeOf(error)).toBe(exitCodes.environment);
      expect(words()).toContain("warning: not everything of the application istio is taken back: ");
      expect(await double.istio()).toMatchObject({ status });
      const late: unknown = await component.remove?.(target).catch((thrown: unknown) => thrown);
      expect(exitCodeOf(late)).toBe(exitCodes.environment);
      expect(describeError(late)).toContain(status);

      await double.ends();
      await scene(cluster, { folder: double.helm }).component.remove?.(target);
      expect(await double.istio()).toBeUndefined();
      expect(cluster.objects).toEqual(applied);
    },
  );
});
