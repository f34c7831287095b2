import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { describeError, exitCodeOf, exitCodes } from "../../lib/errors.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { checkout } from "./doubles/docker.fixture.ts";
import { failureOf, scene, type SceneOptions, useUpstream } from "./kubevirtci.fixture.ts";

// Their build takes a real engine; pushing them is what may fail here.
vi.mock(import("./test-images.ts"), async (original) => ({
  ...(await original()),
  builtTestImages: async () => ({ workload: "vmesh/workload:ab12", guest: "vmesh/guest:cd34" }),
}));

useUpstream();

test.for([
  {
    mode: "hangs while a node boots",
    faults: ["hang"],
    settings: { deadlines: { up: 4, ready: 5, down: 10 } },
    message: /^`make cluster-up` did not end within 4 s\.$/,
    words: /still running: .* run .*--prefix/,
  },
  {
    mode: "leaves a half-created cluster and an error",
    faults: ["half-created"],
    nodes: 2,
    message: /^`make cluster-up` failed: the virtual machine of a node does not answer\.$/,
    words: /could not establish a connection to the node[^]*To mend it: see that \/dev\/kvm opens/,
  },
  {
    mode: "cannot pull its images",
    faults: ["no-image"],
    message: /^`make cluster-up` failed: an image of this tag cannot be pulled\.$/,
    words: /manifest unknown[^]*To mend it: .*`settings\.kubevirtci\.tag`/,
  },
  {
    mode: "says that it failed, and goes on",
    faults: ["dnsmasq"],
    message: /^`make cluster-up` failed: the container `dnsmasq`, which has the cluster's ports, does not start\.$/,
    words: /dnsmasq container failed to start 3 times[^]*`settings\.kubevirtci\.dnsPort`/,
  },
  {
    mode: "prints [ERR ] and ends well",
    faults: ["err"],
    ready: 0,
    settings: { deadlines: { up: 30, ready: 1, down: 10 } },
    message: /^`make cluster-up` ended well, but what it made is no cluster\.$/,
    words:
      /it had complained: the node does not take its settings[^]*Not true within 1 s: 1 nodes are Ready.*node01 not Ready/,
  },
  {
    mode: "writes garbage for a kubeconfig",
    faults: ["garbage-kubeconfig"],
    message: /^`make cluster-up` failed: what they copied from the first node is no kubeconfig\.$/,
    words: /error loading config file[^]*To mend it: the copy goes over SSH/,
  },
  {
    mode: "writes an empty kubeconfig",
    faults: ["empty-kubeconfig"],
    message:
      /^(`make cluster-up` ended well, but what it made is no cluster\.|What kubevirtci wrote to .* is no kubeconfig\.)$/,
    words: /What kubevirtci wrote to .* is no kubeconfig\.[^]*users[^]*To mend it: the copy from the first node failed/,
  },
  {
    mode: "has fewer Ready nodes than were asked for",
    faults: [],
    nodes: 2,
    ready: 1,
    settings: { deadlines: { up: 30, ready: 1, down: 10 } },
    message: /^(`make cluster-up` ended well, but what it made is no cluster\.|Not true within 1 s: 2 nodes are Ready)/,
    words: /Not true within 1 s: 2 nodes are Ready.*1 of 2 are: node01 Ready, node02 not Ready/,
  },
  {
    mode: "does not say where its API server is",
    faults: ["garbage-ports"],
    message: /^(`make cluster-up` |kubevirtci does not say at which port)/,
    words: /port/,
  },
  {
    mode: "does not take the checks' images into its registry",
    faults: ["push-fails"],
    settings: { images: undefined },
    message: /^`docker push localhost:\d+\/vmesh\/workload:ab12` ended with exit code 1/,
    words: /connect: connection refused/,
  },
  {
    mode: "has an engine that does not answer",
    faults: ["engine-down"],
    message: /Cannot connect|`docker ps .*` ended with exit code 1/,
    words: /Cannot connect to the Docker daemon/,
  },
] satisfies (SceneOptions & { mode: string; faults: string[]; message: RegExp; words: RegExp })[])(
  "A kubevirtci that $mode is an environment error, exit code 3, and leaves nothing.",
  async ({ faults, message, words, ...options }) => {
    const here = await scene(options);
    await here.double.fail(...faults);
    const error = await failureOf(here);
    expect(error.message).toMatch(message);
    expect(describeError(error)).toMatch(words);
    expect(exitCodeOf(error)).toBe(exitCodes.environment);
    expect(here.left()).toEqual([]);
  },
);

test("The loop that waits for Istio's CNI configuration is named when the time is over.", async () => {
  const here = await scene({ settings: { deadlines: { up: 8 } } });
  await here.double.fail("istio-loop");
  // Scripts that begin there: on a busy machine it takes longer to come so far. The whole way is a contract test.
  const short = await temporaryFolder();
  await cp(checkout, short, { recursive: true });
  const loop = `"until ls /etc/cni/multus/net.d/*istio*.conf > /dev/null 2>&1; do sleep 1; done"`;
  const call = `docker run --rm $USE_TTY kubevirtci/gocli:double --prefix x ssh node01 -- ${loop}`;
  await writeFile(join(short, "cluster-up/up.sh"), `#!/bin/sh\n${call}\n`);
  const error = await failureOf({
    ...here,
    options: { ...here.options, settings: { ...here.options.settings, checkout: short } },
  });
  expect(error.message).toMatch(
    /^`make cluster-up` did not end within 8 s: they wait for ever for Istio's CNI configuration on a node/,
  );
  expect(describeError(error)).toMatch(
    /still running: .*until ls \/etc\/cni\/multus[^]*To mend it: .*`settings\.kubevirtci\.cnao`/,
  );
  expect(here.left()).toEqual([]);
});
