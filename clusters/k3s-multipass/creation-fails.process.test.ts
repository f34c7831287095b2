import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { describeError, exitCodeOf, exitCodes } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import type { Failure } from "../machines/doubles/multipass.fixture.ts";
import type { CreateOptions } from "../provider.ts";
import { k3sScene, node, type Scene } from "./k3s-multipass.fixture.ts";
import { k3sMultipass } from "./k3s-multipass.ts";

// What single launches come to: clusters/machines/multipass-launch.process.test.ts.

vi.mock(import("../../lib/timeouts.ts"), async (original) => {
  const real = await original();
  return { ...real, timeouts: { ...real.timeouts, poll: 20 } as unknown as typeof real.timeouts };
});
/** Limits of this file alone, which a test may shorten. */
const limits = timeouts as unknown as Record<string, number>;
const usual = { multipassReady: 90_000, multipassGone: 90_000, k3sInstall: 90_000, k3sNodesReady: 90_000 };

beforeEach(() => {
  Object.assign(limits, usual);
  return () => vi.unstubAllEnvs();
});

/** How something ended that must not succeed: with an environment error, exit code 3. */
async function failureOf(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ kind: "environment" });
  expect(exitCodeOf(error)).toBe(exitCodes.environment);
  return error as Error;
}
const creation = (options: CreateOptions) => k3sMultipass.create(options, new AbortController().signal);

describe("A creation with one node ends in an environment error, exit code 3, and leaves nothing, at", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await k3sScene(["server"]);
  });
  const small = (extra: Record<string, unknown> = {}) => scene.newOptions({ agents: 0, ...extra });

  test.each<[Failure, RegExp]>([
    ["daemon-down", /multipass info .* ended with exit code 2[^]*cannot connect[^]*To mend it: start its daemon/],
    ["launch-unknown", /did not launch instance .* after 3 attempts/],
    ["launch-download", /did not launch instance .* after 3 attempts[^]*failed to download/],
    ["launch-no-memory", /did not launch instance .*Not enough memory/s],
    ["cloud-init-error", /cloud-init ended with an error/],
    ["k3s-install-fails", /ended with exit code 1[^]*Job for k3s\.service failed/],
    ["k3s-hangs", /did not end within/],
  ])("%s.", async (failure, words) => {
    limits["k3sInstall"] = 2_000;
    await scene.double.fails(failure, 999);
    expect(describeError(await failureOf(creation(await small())))).toMatch(words);
    expect(await scene.double.instances()).toEqual([]);
  });

  test("nodes that do not become Ready, with what keeps them.", async () => {
    limits["k3sNodesReady"] = 2_000;
    scene.cluster.objects = [node("server", "False")];
    const { message } = await failureOf(creation(await small()));
    expect(message).toContain("not Ready: server: container runtime network not ready");
    expect(await scene.double.instances()).toEqual([]);
  });

  test("another version of k3s than was asked for.", async () => {
    const { message } = await failureOf(creation(await small({ k3sVersion: "v1.28.1+k3s1" })));
    expect(message).toContain("has k3s v1.27.7+k3s1, expected v1.28.1+k3s1");
    expect(await scene.double.instances()).toEqual([]);
  });

  test("a file that is not there.", async () => {
    const files = { ...scene.double.settings.files, k3s: "/nowhere/k3s" };
    const { message } = await failureOf(creation(await small({ files })));
    expect(message).toContain("/nowhere/k3s");
    expect(await scene.double.instances()).toEqual([]);
  });
});

test("A version set without k3s is a usage error before anything is launched.", async () => {
  const { double, newOptions } = await k3sScene(["server"]);
  const options = { ...(await newOptions({ agents: 0, files: {} })), versions: "2021-blog" };
  await expect(creation(options)).rejects.toMatchObject({ kind: "usage" });
  expect(await double.calls("launch")).toEqual([]);
});

describe("With two agents and a machine outside, a creation ends in an environment error, and leaves nothing, at", () => {
  test.each<{ failure: Failure; host: string; words: RegExp; settings?: Record<string, unknown> }>([
    { failure: "launch-no-memory", host: "agent-2", words: /did not launch instance `.*-agent-2`\./ },
    { failure: "launch-unknown", host: "external-vm", words: /`.*-external-vm` after 3 attempts\./ },
    { failure: "cloud-init-error", host: "agent-1", words: /cloud-init ended with an error in instance `.*-agent-1`/ },
    {
      failure: "k3s-install-fails",
      host: "agent-1",
      words: /exec \S*-agent-1 .* ended with exit code 1[^]*Job for k3s\.service failed/,
    },
    {
      failure: "k3s-import-fails",
      host: "agent-2",
      words: /exec \S*-agent-2 .* ended with exit code 1[^]*no space left on device/,
      settings: { images: {} },
    },
  ])("$failure on $host alone.", async ({ failure, host, words, settings }) => {
    const { double, newOptions, hosts } = await k3sScene(["server", "agent-1", "agent-2"]);
    await double.fails(failure, 999, host);
    expect(describeError(await failureOf(creation(await newOptions(settings))))).toMatch(words);
    expect(await hosts()).toEqual([]);
  });
});

describe("What cannot be deleted", () => {
  const name = /vmesh-00aa11-c[0-9a-f]{6}-server/;

  test("after a failed creation is told, and `clean` names it until it can be.", async () => {
    const { double, newOptions, hosts, told } = await k3sScene(["server"]);
    const options = await newOptions({ agents: 0, externalVm: false });
    limits["multipassGone"] = 1_000;
    await double.fails("k3s-install-fails", 9);
    await double.fails("delete-fails", 999);
    expect((await failureOf(creation(options))).message).toContain("ended with exit code 1");
    expect(told.join("\n")).toMatch(
      /warning: Not everything of vmesh-00aa11 is removed; `scripts\/vmesh clean` does it/,
    );
    expect(await hosts()).toEqual(["server"]);

    const only = { ...options, only: options.clusterId };
    const { message } = await failureOf(k3sMultipass.clean(only));
    expect(message).toMatch(name);
    expect(message).toContain("is gone");

    limits["multipassGone"] = 90_000;
    await double.fails("delete-fails", 0);
    expect(await k3sMultipass.clean(only)).toEqual([expect.stringMatching(name)]);
    expect(await hosts()).toEqual([]);
  });

  test.each<[Failure, RegExp]>([
    ["daemon-down", /cannot connect to the multipass socket[^]*To mend it: start its daemon/],
    ["wrong-json", /printed what is no JSON[^]*Waiting for the daemon/],
  ])("at %s ends `clean` and `down` with exit code 3, and goes afterwards.", async (failure, words) => {
    const { double, newOptions, hosts, told } = await k3sScene(["server"]);
    const options = await newOptions({ agents: 0, externalVm: false });
    const cluster = await creation(options);
    await double.fails(failure, 999);
    expect(describeError(await failureOf(k3sMultipass.clean({ ...options, only: options.clusterId })))).toMatch(words);
    expect(describeError(await failureOf(cluster.dispose()))).toMatch(words);
    // No cluster is meant: somebody's Multipass that is stopped is no fault.
    vi.stubEnv("PATH", `${join(double.program, "..")}:${process.env["PATH"]}`);
    expect(await k3sMultipass.clean(options)).toEqual([]);
    expect(told.join("\n")).toContain("warning: Multipass cannot be asked for leftovers");
    expect(await hosts()).toEqual(["server"]);

    await double.fails(failure, 0);
    await cluster.dispose();
    expect(await hosts()).toEqual([]);
  });
});
