import { chmod, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { clusterLabel } from "./check-namespaces.ts";
import { evidenceKeeper } from "./diagnostics/keeper.ts";
import { collectCluster, collectDiagnostics } from "./diagnostics.ts";
import { environmentError } from "./errors.ts";
import { type FakeCluster, fakeApi } from "./kube/fake-api.ts";
import { connect, type KubeObject } from "./kube.ts";
import type { Machine } from "./machine.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const running = { running: { startedAt: "2026-01-01T00:00:00Z" } };
const waiting = { waiting: { reason: "CrashLoopBackOff" } };
const pod: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace: "a", labels: { app: "p" }, annotations: { "x/last-applied": "{}" } },
  spec: {
    nodeName: "node-1",
    initContainers: [{ name: "istio-proxy" }],
    containers: [{ name: "echo", env: [{ name: "A", value: "b" }] }],
  },
  status: {
    phase: "Pending",
    initContainerStatuses: [{ name: "istio-proxy", ready: true, restartCount: 0, state: running }],
    containerStatuses: [{ name: "echo", ready: false, restartCount: 2, state: waiting }],
  },
};
const event: KubeObject = {
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "e", namespace: "a" },
  type: "Warning",
  reason: "BackOff",
  message: "restarting\n",
  count: 3,
  lastTimestamp: "2026-01-01T00:00:00Z",
  involvedObject: { kind: "Pod", name: "p" },
};
const service: KubeObject = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "s", namespace: "a" },
  spec: { type: "ClusterIP", clusterIP: "192.0.2.7", ports: [{ port: 80, targetPort: 8080 }] },
};
const vmi = (volume: object): KubeObject => ({
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachineInstance",
  metadata: { name: "guest", namespace: "a" },
  spec: { volumes: [{ name: "cloudinitdisk", cloudInitNoCloud: volume }] },
  status: { phase: "Running" },
});
const launcher: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "launcher", namespace: "a", labels: { "vm.kubevirt.io/name": "guest" } },
  spec: { containers: [{ name: "guest-console-log" }] },
};

const pages: Record<string, string> = {
  clusters: "outbound|80||s.a::192.0.2.9:8080::cx_total::2\noutbound|80||s.a::192.0.2.9:8080::health_flags::healthy\n",
  listeners: "virtualInbound::0.0.0.0:15006\n",
  stats: "cluster.outbound|80||s.a;.upstream_rq_503: 4\nserver.live: 0\n",
  certs: "{",
};

async function collect(
  cluster: FakeCluster,
  { machine, stopApi = false, status = "" }: { machine?: Machine; stopApi?: boolean; status?: string } = {},
) {
  const folder = await temporaryFolder();
  const istioctl = join(folder, "istioctl");
  await writeFile(istioctl, `#!/bin/sh\necho '${status}'\n`);
  await chmod(istioctl, 0o700);
  const { kubeconfig, requests } = await fakeApi(stopApi ? { ...cluster, ready: false } : cluster);
  const environment = { kubeconfig, machines: {}, tools: { istioctl }, timeScale: 1 };
  const out = join(folder, "bundle");
  const scene = { kube: connect(kubeconfig), environment, namespaces: ["a"], machine };
  const { files, lost } = await collectDiagnostics(scene, out);
  expect(lost).toBeUndefined();
  const texts = await Promise.all(files.map(async (path) => [relative(out, path), await readFile(path, "utf8")]));
  return { files: Object.fromEntries(texts) as Record<string, string>, requests };
}

test("Of a namespace there are events, descriptions, logs, and what its proxies say.", async () => {
  const status = JSON.stringify({
    resources: [
      {
        node: { id: "p.a" },
        genericXdsConfigs: [{ typeUrl: "x/envoy.config.cluster.v3.Cluster", configStatus: "STALE" }],
      },
      { node: { id: "p.other" }, genericXdsConfigs: [] },
    ],
  });
  const { files, requests } = await collect(
    {
      objects: [pod, event, service],
      log: ({ container, previous }) => `${previous ? "previous " : ""}log of ${container}\n`,
      exec: (_, [program, , , page = ""]) =>
        program === "pilot-agent" ? { stdout: pages[page.replace(/\?.*/, "")] ?? "" } : { stderr: "not permitted" },
    },
    { status },
  );
  const { "a/objects.txt": objects, "problems.txt": problems = "", ...others } = files;
  expect(others).toEqual({
    "a/events.txt": "2026-01-01T00:00:00Z Warning BackOff Pod/p x3: restarting\n",
    "a/pods.txt":
      "p Pending on node-1: istio-proxy=running ready (0 restarts), echo=waiting CrashLoopBackOff (2 restarts)\n",
    "a/p/istio-proxy.log": "log of istio-proxy\n",
    "a/p/echo.log": "log of echo\n",
    "a/p/echo.previous.log": "previous log of echo\n",
    "a/p/proxy-clusters.txt": "outbound|80||s.a 192.0.2.9:8080 healthy cx_total=2\n",
    "a/p/proxy-listeners.txt": "virtualInbound::0.0.0.0:15006\n",
    "a/p/proxy-stats.txt": "cluster.outbound|80||s.a;.upstream_rq_503: 4\n",
    "proxy-status.txt": "p.a CDS STALE\n",
  });
  expect(objects).toMatch(
    /^Pod a\/p\n {2}metadata:\n {4}labels:\n {6}app: p\n {4}annotations:\n {6}- x\/last-applied\n/,
  );
  expect(objects).toContain("Service a/s\n  spec:\n    type: ClusterIP\n    clusterIP: 192.0.2.7\n    ports:\n");
  expect(objects).not.toContain("env");
  expect(problems).toMatch(/^`\/certs` of the proxy of a\/p: Expected property name/m);
  expect(problems).toMatch(
    /^packet rules of a\/p: No container shows them. `nft list ruleset` in istio-proxy: not permitted;/m,
  );
  expect(problems).toMatch(/^Sidecar objects of a: The cluster does not serve the kind/m);
  expect(requests.filter((request) => /secret|config_dump/i.test(request))).toEqual([]);
});

test("What cannot be read is told, and the rest is collected all the same.", async () => {
  const { files } = await collect({
    objects: [pod, event],
    log: ({ container }) => (container === "echo" ? undefined : "x\n"),
  });
  expect(files["problems.txt"]).toMatch(/^log of a\/p, container echo: .* 400, the container is waiting to start$/m);
  expect(files["a/p/istio-proxy.log"]).toBe("x\n");
});

describe("The serial console of a guest", () => {
  const console = "boots\n+ vmesh-echo --password pl4nted-word\nserves\n";
  const log: FakeCluster["log"] = () => console;
  const userData = "#!/bin/sh\nvmesh-echo --password pl4nted-word\n";
  const masked = "boots\n+ [masked]\nserves\n";

  test.for([
    ["in plain text", { userData }],
    ["in base64", { userDataBase64: Buffer.from(userData).toString("base64") }],
  ] as const)("does not show the user-data that it has %s.", async ([, volume]) => {
    const { files } = await collect({ objects: [launcher, vmi(volume)], log });
    expect(files["a/launcher/guest-console-log.log"]).toBe(masked);
  });

  test.for([
    ["whose VMI is not there", [launcher], "its VMI, and so the user-data that a guest may print, is not known"],
    ["that reads a Secret", [launcher, vmi({ secretRef: { name: "x" } })], "its guest reads Secrets, which are never"],
  ] as const)("%s is left out, and why is told.", async ([, objects, reason]) => {
    const { files } = await collect({ objects: [...objects], log });
    expect(files["a/launcher/guest-console-log.log"]).toBeUndefined();
    expect(files["problems.txt"]).toContain(`serial console of a/launcher: left out, as ${reason}`);
  });
});

describe("Of a machine", () => {
  const sh: Machine["sh"] = async (script) => {
    if (script.startsWith("journalctl")) throw environmentError("ssh ended with exit code 255.");
    const page = /15000\/(\w+)/.exec(script)?.[1];
    return { stdout: pages[page ?? ""] ?? `printed by ${script.split(" ")[0]}`, stderr: "", exitCode: 0 };
  };
  const machine = { name: "vm", sh } as Machine;

  test("logs, packet filters, sockets and proxy are kept; what it does not tell is told.", async () => {
    const { files } = await collect({ objects: [] }, { machine });
    expect(files["vm/agent.log"]).toBe("printed by tail");
    expect(files["vm/packet-filters.txt"]).toMatch(/^printed by iptables-save/);
    expect(files["vm/proxy-listeners.txt"]).toBe("virtualInbound::0.0.0.0:15006\n");
    expect(files["problems.txt"]).toContain("journal.log of machine vm: ssh ended with exit code 255.");
  });

  test("everything is kept if the API server does not answer, which is told in one line.", async () => {
    const { files } = await collect({ objects: [pod] }, { machine, stopApi: true });
    expect(files["vm/agent.log"]).toBe("printed by tail");
    expect(Object.keys(files).filter((name) => name.startsWith("a/"))).toEqual([]);
    const problems = (files["problems.txt"] ?? "").split("\n");
    expect(
      problems.filter((line) => line !== "" && !line.includes("machine vm") && !line.includes("proxy of vm")),
    ).toEqual([expect.stringMatching(/^nothing is asked of the API server, which does not answer: .* 500/)]);
  });
});

describe("Of a cluster on which something failed", () => {
  const namespace = (name: string, more: object = {}): KubeObject => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { [clusterLabel]: "c" }, ...more },
  });

  async function keep(collectLogs: () => Promise<void>) {
    const { kubeconfig } = await fakeApi({
      objects: [namespace("a"), namespace("going", { deletionTimestamp: "2026-01-01T00:00:00Z" }), pod, event],
      log: () => "x\n",
    });
    const folder = await temporaryFolder();
    const kept: string[] = [];
    const keepEvidence = evidenceKeeper(folder, ({ files }) =>
      kept.push(...files.map((file) => relative(folder, file))),
    );
    await keepEvidence("cluster", (bundle) =>
      collectCluster(bundle, {
        kube: connect(kubeconfig),
        access: { kubeconfig, machines: {}, timeScale: 1 },
        namespaces: ["system"],
        whole: {
          clusterId: "c",
          logs: async () => {
            await bundle.write("node-1/kubelet.log", "kubelet\n");
            await collectLogs();
          },
        },
      }),
    );
    return { kept, problems: await readFile(join(folder, "cluster/problems.txt"), "utf8") };
  }

  test("there is what its components and the checks that died have left, and the logs of its nodes.", async () => {
    const { kept, problems } = await keep(async () => {});
    expect(kept).toEqual(
      expect.arrayContaining(["cluster/node-1/kubelet.log", "cluster/a/events.txt", "cluster/a/p/echo.log"]),
    );
    expect(problems).toContain("Sidecar objects of system: ");
    expect(problems).not.toContain(" going");
  });

  test("the rest is there if its provider has no logs.", async () => {
    const { kept, problems } = await keep(async () => Promise.reject(new Error("the engine is gone")));
    expect(kept).toContain("cluster/a/events.txt");
    expect(problems).toContain("logs of the nodes: the engine is gone\n");
  });
});
