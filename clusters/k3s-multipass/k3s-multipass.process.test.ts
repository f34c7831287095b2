import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { run } from "../../lib/command.ts";
import type { FakeCluster } from "../../lib/kube/fake-api.ts";
import { serveHttp } from "../upstream/upstream.fixture.ts";
import { type K3sDouble, serverIn } from "./doubles/k3s.fixture.ts";
import { k3sScene, node, type Scene, version } from "./k3s-multipass.fixture.ts";
import { k3sMultipass } from "./k3s-multipass.ts";

// Against doubles of Multipass and k3s, and a server that has the nodes that k3s would have. What
// fails: creation-fails.process.test.ts. With a real API: k3s-multipass.contract.test.ts.

vi.mock(import("../../lib/timeouts.ts"), async (original) => {
  const real = await original();
  return { ...real, timeouts: { ...real.timeouts, poll: 20 } as unknown as typeof real.timeouts };
});

let cluster: FakeCluster;
let double: K3sDouble;
let told: string[];
let root: string;
let newOptions: Scene["newOptions"];
let hosts: Scene["hosts"];

beforeEach(async () => {
  ({ cluster, double, told, root, newOptions, hosts } = await k3sScene(["server", "agent-1", "agent-2"]));
  return () => vi.unstubAllEnvs();
});

const signal = () => new AbortController().signal;

test("A cluster has a server, two agents and a machine outside, and is gone after its disposal.", async () => {
  const options = await newOptions();
  const started = await k3sMultipass.create(options, signal());
  expect(await hosts()).toEqual(["agent-1", "agent-2", "external-vm", "server"]);
  const { access } = started;
  expect(access.nodes.map(({ name }) => name)).toEqual(["server", "agent-1", "agent-2"]);
  expect(access).toMatchObject({
    install: "missing",
    versions: { kubernetes: version, istio: "1.19.3" },
    cniFolders: {
      programs: "/var/lib/rancher/k3s/data/current/bin",
      configurations: "/var/lib/rancher/k3s/agent/etc/cni/net.d",
    },
    images: { workload: "registry.example/workload:1" },
    machines: { vm: { name: "external-vm", user: "root" } },
    tools: { istioctl: double.settings.files["istioctl"] },
  });
  // Left to k3s' own load balancer.
  expect(access.loadBalancer).toBeUndefined();
  expect(JSON.parse(JSON.stringify(access))).toStrictEqual(access);
  expect(await serverIn(access.kubeconfig)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

  await started.dispose();
  expect(await double.instances()).toEqual([]);
  await started.dispose();
  expect(await double.calls("purge")).toEqual([]);
});

test("Traefik is off, Klipper is not; agents ask for the server by a name that its certificate holds for.", async () => {
  cluster.objects = [node("server"), node("agent-1")];
  const started = await k3sMultipass.create(
    await newOptions({ agents: 1, externalVm: false, registries: { mirrors: { "docker.io": {} } } }),
    signal(),
  );
  const read = async (host: string, path: string) => {
    const name = (await double.instances()).find((instance) => instance.endsWith(host)) ?? "";
    return double.read(`instances/${name}/root/${path}`);
  };
  const server = parse(await read("server", "etc/rancher/k3s/config.yaml"));
  const agent = parse(await read("agent-1", "etc/rancher/k3s/config.yaml"));
  expect(server.disable).toEqual(["traefik"]);
  expect(server["tls-san"]).toContain(new URL(agent.server).hostname);
  expect(agent.token).toBe(server.token);
  expect(await read("agent-1", "etc/hosts")).toBe(`127.0.0.1 ${new URL(agent.server).hostname}\n`);
  expect(parse(await read("agent-1", "etc/rancher/k3s/registries.yaml"))).toEqual({ mirrors: { "docker.io": {} } });
  // The token is in no argument list.
  expect(await double.read("calls")).not.toContain(server.token);
  await started.dispose();
});

describe("With the machines of one node", () => {
  beforeEach(() => {
    cluster.objects = [node("server")];
  });
  const small = (extra: Record<string, unknown> = {}) => newOptions({ agents: 0, ...extra });

  test("a second creation takes what the first has made.", async () => {
    const options = await small();
    const first = await k3sMultipass.create(options, signal());
    const launches = (await double.calls("launch")).length;
    const transfers = (await double.calls("transfer")).filter((call) => call.includes("k3s"));
    const second = await k3sMultipass.create(options, signal());
    expect(second.access).toStrictEqual(first.access);
    expect(await double.calls("launch")).toHaveLength(launches);
    expect((await double.calls("transfer")).filter((call) => call.includes("k3s"))).toEqual(transfers);
    expect(told.join("\n")).toContain("runs k3s v1.27.7+k3s1 already");
  });

  test("another process takes it up as it is, and removes it.", async () => {
    const options = await small();
    const { access } = await k3sMultipass.create(options, signal());
    const taken = await k3sMultipass.attach(options);
    expect(taken.access).toStrictEqual(access);
    await taken.dispose();
    expect(await double.instances()).toEqual([]);
  });

  test("a server with another address after a restart is found, and the kubeconfig follows.", async () => {
    const options = await small({ externalVm: false });
    const { access } = await k3sMultipass.create(options, signal());
    const [name = ""] = await double.instances();
    await double.set("addresses", "127.0.0.1\nlocalhost\n");
    await double.fails("address-changes");
    await double.set(`instances/${name}/state`, "Stopped\n");
    const taken = await k3sMultipass.attach(options);
    expect(new URL(await serverIn(taken.access.kubeconfig)).hostname).toBe("localhost");
    expect(taken.access.kubeconfig).toBe(access.kubeconfig);
    expect(told.join("\n")).toContain("the server has the address localhost now, it was 127.0.0.1");
  });

  test("one whose instance is gone is told, and can still be removed.", async () => {
    const options = await small();
    await k3sMultipass.create(options, signal());
    const server = (await double.instances()).find((name) => name.endsWith("server")) ?? "";
    const { program } = double;
    await run(program, ["delete", "--purge", server], { timeoutMs: 10_000 });
    const taken = await k3sMultipass.attach(options);
    expect(told.join("\n")).toMatch(/not as it was: Instance `.*-server` is gone/);
    await taken.dispose();
    expect(await double.instances()).toEqual([]);
  });

  test("the machine outside has Istio's package and our program.", async () => {
    await k3sMultipass.create(await small(), signal());
    const vm = (await double.instances()).find((name) => name.endsWith("external-vm")) ?? "";
    expect(await double.read(`instances/${vm}/root/var/lib/istio-sidecar`)).toBe("installed\n");
    expect(await double.read(`instances/${vm}/root/usr/local/bin/vmesh-echo`)).toBe("#!/bin/sh\n");
    const data = parse(await double.read(`instances/${vm}/user-data`));
    expect(data).toMatchObject({ hostname: "external-vm", disable_root: false });
  });

  test("on arm64 a package for amd64 is unpacked, and its programs come from the proxy's image.", async () => {
    await double.set("architecture", "aarch64\n");
    const tools = join(root, "tools");
    await mkdir(tools);
    const podman = `#!/bin/sh
echo "$*" >>${join(root, "podman-calls")}
case $1 in create) echo c0ffee ;; cp) echo "arm64 program" >"$3" ;; esac
`;
    await writeFile(join(tools, "podman"), podman, { mode: 0o755 });
    vi.stubEnv("PATH", `${tools}:${process.env["PATH"]}`);
    await k3sMultipass.create(await small({ containerTool: "podman" }), signal());
    const vm = (await double.instances()).find((name) => name.endsWith("external-vm")) ?? "";
    expect(told.join("\n")).toContain(
      "Istio's package is for amd64, the machine is arm64: envoy and pilot-agent come from",
    );
    expect(await double.read(`instances/${vm}/root/usr/local/bin/pilot-agent`)).toBe("arm64 program\n");
    expect(await double.read(`instances/${vm}/root/usr/local/bin/istio-start.sh`)).toContain("of the package");
    expect(await readFile(join(root, "podman-calls"), "utf8")).toMatch(
      /^create --platform linux\/arm64 \S+\/istio\/proxyv2:1\.19\.3\ncp c0ffee:\/usr\/local\/bin\/envoy .*\n.*\nrm c0ffee\n$/,
    );
  });

  test("the test image is made without an engine and imported on each node.", async () => {
    await k3sMultipass.create(await small({ images: {}, externalVm: false }), signal());
    const [server = ""] = await double.instances();
    const archive = join(double.state, "instances", server, "image.tar");
    const { stdout } = await run("tar", ["--extract", "--to-stdout", "--file", archive, "manifest.json"], {
      timeoutMs: 10_000,
    });
    expect(JSON.parse(stdout)[0].RepoTags[0]).toMatch(/^vmesh\.dev\/workload:[0-9a-f]{16}$/);
    const config = await run("tar", ["--extract", "--to-stdout", "--file", archive, "config.json"], {
      timeoutMs: 10_000,
    });
    expect(JSON.parse(config.stdout)).toMatchObject({
      os: "linux",
      config: { Env: ["PATH=/usr/bin"], User: "1000:1000", Entrypoint: ["/vmesh-echo"] },
    });
  });

  test("an interrupt in the middle leaves nothing.", async () => {
    const controller = new AbortController();
    await double.fails("k3s-hangs");
    const creation = k3sMultipass.create(await small(), controller.signal);
    const isInstalling = async () => expect((await double.calls("transfer")).join("\n")).toContain("k3s-install.sh");
    await vi.waitFor(isInstalling, { timeout: 20_000 });
    controller.abort();
    await expect(creation).rejects.toMatchObject({ kind: "interrupted" });
    expect(await double.instances()).toEqual([]);
  });

  test("`clean` removes what no folder stands for, of this cache alone.", async () => {
    await double.set("addresses", "127.0.0.1\n127.0.0.1\n");
    const options = await small({ externalVm: false });
    await k3sMultipass.create(options, signal());
    await k3sMultipass.create({ ...(await small({ externalVm: false })), cacheDir: join(root, "another") }, signal());
    vi.stubEnv("PATH", `${join(double.program, "..")}:${process.env["PATH"]}`);
    expect(await k3sMultipass.clean(options)).toEqual([]);
    await rm(options.stateDir, { recursive: true });
    expect(await k3sMultipass.clean(options)).toEqual([
      expect.stringMatching(/^instance vmesh-00aa11-c[0-9a-f]{6}-server$/),
    ]);
    expect(await double.instances()).toHaveLength(1);
  });
});

test("A version set of today brings manifests of the Gateway API and the addons, and Bookinfo's images.", async () => {
  cluster.objects = [node("server")];
  const mirror = await serveHttp((request, response) => void response.end(request.url));
  const options = await newOptions({ agents: 0, externalVm: false, k3sVersion: version });
  const { access } = await k3sMultipass.create({ ...options, versions: "current", mirror }, signal());
  const names = ["gateway-api", "grafana", "jaeger", "kiali", "loki", "multus", "prometheus"];
  expect(Object.keys(access.manifests).toSorted()).toEqual(names);
  expect(await readFile(access.manifests.kiali ?? "", "utf8")).toMatch(/addons\/kiali\.yaml$/);
  const registry = mirror.replace("http://", "");
  expect(access.parts["bookinfo/ratings-v1"]).toContain(`${registry}/release/examples-bookinfo-ratings-v1:`);
});

test("The doctor says of every prerequisite whether it is met, and makes no instance.", async () => {
  const { cacheDir, settings } = await newOptions();
  const findings = await k3sMultipass.doctor({ nodes: 1, settings, cacheDir });
  expect(new Set(findings.map(({ name }) => name)).size).toBe(findings.length);
  expect(findings.find(({ name }) => name === "multipass")).toMatchObject({ level: "fine" });
  expect(await double.calls("launch")).toEqual([]);
  await double.fails("daemon-down", 9);
  const again = await k3sMultipass.doctor({ nodes: 1, settings, cacheDir });
  expect(again.find(({ name }) => name === "multipass")).toMatchObject({
    level: "missing",
    detail: expect.stringContaining("cannot connect to the multipass socket"),
    mend: expect.stringContaining("snap start multipass"),
  });
  const offline = { nodes: 1, settings, cacheDir, offline: true };
  const lacked = (await k3sMultipass.doctor(offline)).find(({ name }) => name === "release files");
  // The doubles' files are the settings' own.
  expect(lacked).toMatchObject({ level: "missing", detail: expect.stringMatching(/: gateway-api\.yaml, addons\//) });
  const older = await k3sMultipass.doctor({ ...offline, versions: "2023-istio-vms" });
  expect(older.find(({ name }) => name === "release files")).toMatchObject({ level: "fine" });
  const absent = await k3sMultipass.doctor({ nodes: 1, settings: { multipass: "/nowhere/multipass" }, cacheDir });
  expect(absent.find(({ name }) => name === "multipass")).toMatchObject({
    level: "missing",
    mend: expect.stringContaining("install"),
  });
});
