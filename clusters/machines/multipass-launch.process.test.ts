import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { describeError, exitCodeOf, exitCodes } from "../../lib/errors.ts";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { type Failure, type MultipassDouble, multipassDouble } from "./doubles/multipass.fixture.ts";
import { type LaunchCall, type Multipass, multipassAt } from "./multipass-cli.ts";
import { addressOf, launchInstance, removeInstance, startInstance } from "./multipass-launch.ts";

// Against a double of Multipass: what its time-outs, retries and removals come to.

vi.mock(import("../../lib/timeouts.ts"), async (original) => {
  const real = await original();
  const short = { poll: 20, multipassReady: 90_000, multipassGone: 90_000, multipassLaunch: 30_000 };
  return { ...real, timeouts: { ...real.timeouts, ...short } as unknown as typeof real.timeouts };
});
/** Limits of this file alone, which a test may shorten. */
const limits = timeouts as unknown as Record<string, number>;

const call: LaunchCall = {
  name: "vmesh-000000-server",
  image: "22.04",
  size: { cpus: 2, memoryMiB: 2048, diskGiB: 10 },
  userData: "#cloud-config\nhostname: server\n",
};

let double: MultipassDouble;
let multipass: Multipass;
let told: string[];
const context = (signal = new AbortController().signal) => ({
  log: createLog({ write: (line) => void told.push(line.trimEnd()) }),
  signal,
});
const launch = (given: Partial<LaunchCall> = {}) => launchInstance(multipass, { ...call, ...given }, context());

/** How something ended that must not succeed: with exit code 3. */
async function failureOf(work: Promise<void>): Promise<unknown> {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: "environment" });
  expect(exitCodeOf(error)).toBe(exitCodes.environment);
  return error;
}

beforeEach(async () => {
  Object.assign(limits, { multipassReady: 90_000, multipassGone: 90_000, multipassLaunch: 30_000 });
  told = [];
  double = await multipassDouble(join(await temporaryFolder(), "double"));
  vi.stubEnv("MULTIPASS_DOUBLE", double.state);
  multipass = multipassAt(double.program);
  return () => vi.unstubAllEnvs();
});

test("A launch gives sizes and user-data and ends with an instance that runs and has an address.", async () => {
  await launch();
  expect(await multipass.info(call.name)).toMatchObject({ state: "Running", ipv4: ["192.0.2.1"] });
  expect(await double.read(`instances/${call.name}/user-data`)).toBe(call.userData);
  expect(await double.calls("launch")).toEqual([
    `launch --name ${call.name} --cpus 2 --memory 2048M --disk 10G --timeout 30 --cloud-init - 22.04`,
  ]);
});

test("An instance that runs already is taken as it is, and one that stands still is started.", async () => {
  await launch();
  await launch();
  expect(await double.calls("launch")).toHaveLength(1);
  await double.set(`instances/${call.name}/state`, "Stopped\n");
  await launch();
  expect(await double.calls("start")).toEqual([`start ${call.name}`]);
  expect(await double.calls("launch")).toHaveLength(1);
});

test("One that was deleted and not purged is launched anew.", async () => {
  await launch();
  await double.set(`instances/${call.name}/state`, "Deleted\n");
  await launch();
  expect(await double.calls("launch")).toHaveLength(2);
  expect(await multipass.info(call.name)).toMatchObject({ state: "Running" });
});

describe("A launch succeeds in spite of", () => {
  test.each<[Failure, number, number]>([
    ["launch-slow", 1, 1],
    ["launch-times-out", 1, 1],
    ["launch-unknown", 2, 3],
    ["launch-download", 1, 2],
    ["no-address", 3, 1],
    ["delete-fails", 1, 1],
  ])("%s happening %i times, after %i launches.", async (failure, times, launches) => {
    await double.fails(failure, times);
    await launch();
    expect(await double.calls("launch")).toHaveLength(launches);
    expect(await addressOf(multipass, call.name, context().signal)).toMatch(/^192\.0\.2\./);
  });

  test("one that hangs, which is ended, deleted and tried again.", async () => {
    limits["multipassLaunch"] = 2_000;
    await double.fails("launch-hangs");
    await launch();
    expect(await double.calls("launch")).toHaveLength(2);
    expect(told.join("\n")).toMatch(/warning: launch 1 of .* failed, it is tried again: .* did not end within 2 s/);
  });
});

describe("A launch ends in an environment error, exit code 3, and leaves no instance, at", () => {
  test.each<[Failure, RegExp, number]>([
    ["launch-unknown", /did not launch instance `vmesh-000000-server` after 3 attempts/, 3],
    ["launch-download", /did not launch instance `vmesh-000000-server` after 3 attempts/, 3],
    ["launch-no-memory", /did not launch instance `vmesh-000000-server`\./, 1],
    ["cloud-init-error", /cloud-init ended with an error in instance `vmesh-000000-server`/, 1],
  ])("%s.", async (failure, message, launches) => {
    await double.fails(failure, 9);
    expect(await failureOf(launch())).toMatchObject({ message: expect.stringMatching(message) });
    expect(await double.calls("launch")).toHaveLength(launches);
    expect(await double.instances()).toEqual([]);
  });

  test("one that hangs each time, after three attempts.", async () => {
    limits["multipassLaunch"] = 1_000;
    await double.fails("launch-hangs", 999);
    expect(await failureOf(launch())).toMatchObject({
      message: expect.stringContaining("did not launch instance `vmesh-000000-server` after 3 attempts"),
      cause: { message: expect.stringContaining("did not end within 1 s") },
    });
    expect(await double.instances()).toEqual([]);
  });

  test.each<[Failure, RegExp]>([
    ["half-created", /ssh connection failed: 'Timeout connecting to 192\.0\.2\./],
    ["no-address", /it has no IPv4 address/],
  ])("%s that stays so, with what was seen last.", async (failure, seen) => {
    limits["multipassReady"] = 500;
    await double.fails(failure, 999);
    expect(await failureOf(launch())).toMatchObject({ cause: { message: expect.stringMatching(seen) } });
    expect(await double.instances()).toEqual([]);
  });

  test("an image that there is not.", async () => {
    expect(await failureOf(launch({ image: "no-such-image" }))).toMatchObject({
      hint: expect.stringContaining("multipass find"),
    });
    expect(await double.instances()).toEqual([]);
  });

  test("a daemon that is down, with how to start it.", async () => {
    await double.fails("daemon-down", 999);
    limits["multipassGone"] = 500;
    expect(await failureOf(launch())).toMatchObject({
      evidence: expect.stringContaining("cannot connect to the multipass socket"),
      hint: expect.stringContaining("snap start multipass"),
    });
    expect(await double.instances()).toEqual([]);
  });
});

describe("A launch ends in an environment error, exit code 3, and says what it could not delete, at", () => {
  const leftBehind = /warning: instance vmesh-000000-server is left behind, `scripts\/vmesh clean` removes it/;

  test("a removal that fails, too.", async () => {
    limits["multipassGone"] = 1_000;
    await double.fails("cloud-init-error", 9);
    await double.fails("delete-fails", 999);
    expect(await failureOf(launch())).toMatchObject({ message: expect.stringContaining("cloud-init ended with") });
    expect(told.join("\n")).toMatch(leftBehind);
    expect(await double.instances()).toEqual([call.name]);
  });

  test.each<[Failure, string]>([
    ["daemon-down", "cannot connect to the multipass socket"],
    ["wrong-json", "printed what is no JSON"],
  ])("%s from the first look at the new instance on.", async (failure, said) => {
    Object.assign(limits, { multipassReady: 1_000, multipassGone: 1_000 });
    await mkdir(join(double.state, "hooks"));
    const hook = join(double.state, "hooks/launch");
    await writeFile(hook, `#!/bin/sh\necho 9999 >"$MULTIPASS_DOUBLE/failures/${failure}"\n`, { mode: 0o755 });
    const error = await failureOf(launch());
    expect(`${told.join("\n")}\n${describeError(error)}`).toContain(said);
    expect(told.join("\n")).toMatch(leftBehind);
    expect(await double.instances()).toEqual([call.name]);

    await double.fails(failure, 0);
    limits["multipassGone"] = 90_000;
    await removeInstance(multipass, call.name);
    expect(await double.instances()).toEqual([]);
  });
});

test("An abort ends a launch that hangs, and nothing of it stays.", async () => {
  await double.fails("launch-hangs");
  const controller = new AbortController();
  const launching = launchInstance(multipass, call, context(controller.signal));
  await vi.waitFor(async () => expect(await double.instances()).toHaveLength(1), { timeout: 20_000 });
  controller.abort();
  await expect(launching).rejects.toMatchObject({ kind: "interrupted" });
  expect(await double.instances()).toEqual([]);
});

test("What is no JSON is an environment error that shows how it begins.", async () => {
  await double.fails("wrong-json");
  await expect(multipass.list()).rejects.toMatchObject({
    kind: "environment",
    message: expect.stringContaining("no JSON"),
    evidence: "/ Waiting for the daemon",
  });
});

test("A removal takes one instance and leaves what else there is, also what its owner has deleted.", async () => {
  await launch();
  await launch({ name: "somebody-else" });
  await double.set("instances/somebody-else/state", "Deleted\n");
  await removeInstance(multipass, call.name);
  expect(await double.instances()).toEqual(["somebody-else"]);
  expect(await double.calls("purge")).toEqual([]);
});

test("A removal that fails is an error once its time is over.", async () => {
  await launch();
  limits["multipassGone"] = 500;
  await double.fails("delete-fails", 999);
  expect(await failureOf(removeInstance(multipass, call.name))).toMatchObject({
    message: expect.stringContaining(`instance \`${call.name}\` is gone`),
  });
});

test("After a restart the address may be another one, and an instance that is gone is an error.", async () => {
  await launch();
  const { signal } = context();
  expect(await addressOf(multipass, call.name, signal)).toBe("192.0.2.1");
  await double.fails("address-changes");
  await double.set(`instances/${call.name}/state`, "Stopped\n");
  await startInstance(multipass, call.name, context());
  expect(await addressOf(multipass, call.name, signal)).toBe("192.0.2.2");
  await expect(startInstance(multipass, "vmesh-000000-agent-1", context())).rejects.toMatchObject({
    message: "Instance `vmesh-000000-agent-1` is gone, expected it to be there.",
  });
});
