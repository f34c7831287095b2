import { generateKeyPairSync, randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { collectDiagnostics } from "../lib/diagnostics.ts";
import type { Environment } from "../lib/environment.ts";
import { environmentError } from "../lib/errors.ts";
import { type FakeCluster, fakeApi } from "../lib/kube/fake-api.ts";
import { connect, type KubeObject } from "../lib/kube.ts";
import type { Machine } from "../lib/machine.ts";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { failureOf } from "../reports/failure.ts";
import { reportFrom } from "../reports/fold.ts";
import { readJournal, record } from "../reports/journal.ts";
import { sampleReport } from "../reports/sample.ts";
import { writeReports } from "../reports/write.ts";
import { withPlanted } from "./canary-scene.ts";
import { type Canary, searchFor } from "./canary-search.ts";
import { realSecrets } from "./canary-sources.ts";

/** Values that stand nowhere else, each under the name of the place where it is planted. */
function plantation() {
  const canaries: Canary[] = [];
  const plant = (name: string, value: string) => {
    canaries.push({ name, value });
    return value;
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return {
    canaries,
    word: (name: string) => plant(name, `pl4nted${randomBytes(12).toString("hex")}`),
    token: (name: string) =>
      plant(
        name,
        `${part({ alg: "RS256" })}.${part({ sub: randomBytes(20).toString("hex") })}.${randomBytes(64).toString("base64url")}`,
      ),
    key: (name: string) =>
      plant(
        name,
        generateKeyPairSync("rsa", {
          modulusLength: 2048,
          publicKeyEncoding: { type: "spki", format: "pem" },
          privateKeyEncoding: { type: "pkcs8", format: "pem" },
        }).privateKey,
      ),
  };
}
const base64 = (text: string) => Buffer.from(text).toString("base64");
const object = (apiVersion: string, kind: string, name: string, rest: object, metadata: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "a", ...metadata },
  ...rest,
});
const running = (name: string) => ({ name, ready: true, restartCount: 1, state: { running: {} } });

/** A cluster that holds a value wherever one can be secret, and shows it wherever it can. */
function plantedCluster({ word, token, key }: ReturnType<typeof plantation>, own: readonly string[]): FakeCluster {
  const userData = [
    "#!/bin/sh",
    `echo password ${word("user-data")}`,
    `export TOKEN=${token("user-data, a token")}`,
  ].join("\n");
  const encoded = `#cloud-config\nchpasswd: {list: 'root:${word("user-data in base64")}'}\n`;
  const lastApplied = { "kubectl.kubernetes.io/last-applied-configuration": `{"data":"${word("annotation")}"}` };
  const secret = word("value of a Secret");
  const volumes = [{ name: "c", cloudInitNoCloud: { userData, networkDataBase64: base64(encoded) } }];
  const env = [{ name: "PASSWORD", value: word("env value") }];
  const containers = [
    { name: "istio-proxy" },
    { name: "echo", env, args: [word("argument")] },
    { name: "guest-console-log" },
  ];
  const status = { phase: "Running", containerStatuses: containers.map(({ name }) => running(name)) };
  const page = `{"private_key": {"inline_bytes": "${base64(key("Envoy, in base64"))}"}, "x": ${JSON.stringify(key("Envoy"))}}\n`;
  const logs: Record<string, string> = {
    "istio-proxy": `GET / Authorization: Bearer ${token("log, a token")}\nkey: ${key("log, a key")}\n${own.join("\n")}\n`,
    echo: `{"msg": ${JSON.stringify(key("log, a key in JSON"))}}\n${base64(`token: ${token("log, a token in base64")}`)}\n`,
    "guest-console-log": `${userData}\r\n+ \u001b[1m${base64(encoded)}\u001b[0m\r\n${encoded.split(" ").join("\r\n")}\r\n`,
  };
  return {
    objects: [
      object(
        "v1",
        "Pod",
        "p",
        { spec: { containers }, status },
        { labels: { "vm.kubevirt.io/name": "guest" }, annotations: lastApplied },
      ),
      object("v1", "Secret", "s", { data: { value: base64(secret) } }),
      object("v1", "Service", "s", { spec: { type: "ClusterIP" } }, { annotations: lastApplied }),
      object("v1", "Event", "e", { reason: "Failed", message: `refused ${token("event")}`, involvedObject: {} }),
      object("kubevirt.io/v1", "VirtualMachineInstance", "guest", { spec: { volumes } }, { annotations: lastApplied }),
      object("security.istio.io/v1", "AuthorizationPolicy", "x", {
        spec: { rules: [{ when: [{ key: "request.headers[x]", values: [word("value of a condition")] }] }] },
      }),
    ],
    log: ({ container, previous }) => (previous ? `${logs[container]}restarted\n` : logs[container]),
    exec: (_, command) => {
      if (command[0] === "pilot-agent")
        return { stdout: `${page}x::192.0.2.1:80::cx_total::1\nx.upstream_rq_503: 1\n` };
      return { stderr: `not permitted to ${token("error of a command")}` };
    },
  };
}

test(
  "Of all that is planted where secrets live nothing is in the evidence or in a report.",
  { timeout: 30_000 },
  async () => {
    const plants = plantation();
    const user = { token: plants.word("kubeconfig, token"), "client-key-data": base64(plants.key("kubeconfig, key")) };
    const identity = plants.key("SSH key of a machine");
    const cluster = plantedCluster(plants, [user.token, identity]);
    const { kubeconfig, answers, requests } = await fakeApi(cluster, user);
    const folder = await temporaryFolder();
    const [run, raw] = [join(folder, "run"), join(folder, "raw")];
    const identityFile = join(folder, "identity");
    await Promise.all([mkdir(run), mkdir(raw), writeFile(identityFile, identity)]);
    const status = JSON.stringify({ resources: [{ node: { id: "p.a", metadata: plants.token("proxy-status") } }] });
    const istioctl = join(folder, "istioctl");
    await writeFile(istioctl, `#!/bin/sh\necho '${status}'\n`);
    await chmod(istioctl, 0o700);
    const machine = {
      name: "vm",
      sh: async (script: string) => {
        const stdout = `${script} printed ${plants.token("machine, a token")}\n${plants.key("machine, a key")}${user.token}\n`;
        answers.push(stdout);
        return { stdout, stderr: "", exitCode: 0 };
      },
    } as Partial<Machine> as Machine;
    const vm = { name: "vm", address: "", user: "", identityFile, knownHostsFile: "" };
    const environment = { kubeconfig, machines: { vm }, tools: { istioctl }, timeScale: 1 };

    const evidence = { kube: connect(kubeconfig), environment, namespaces: ["a"], machine };
    const { files, lost } = await collectDiagnostics(evidence, join(run, "diagnostics"));
    expect(lost).toBeUndefined();
    const journal = join(run, "journal.ndjson");
    record(journal, { event: "run", facts: sampleReport() });
    const message = `join --token ${plants.token("failure, a token")} failed`;
    const error = environmentError(message, {
      evidence: plants.key("failure, a key"),
      cause: new Error(`Bearer ${plants.token("its cause")}`),
    });
    const result = {
      id: "a/b",
      title: "A.",
      outcome: "error",
      failure: failureOf(error),
      seconds: 1,
      properties: {},
      attachments: files,
    } as const;
    const output = `it printed ${plants.token("output of a check")}`;
    record(journal, { event: "ended", result: { ...result, attachments: [...files], output } });
    await writeReports(run, reportFrom(readJournal(journal)), "default");

    // What was never asked for could not come in; everything else did, and so would be found.
    answers.push(status, message, JSON.stringify(failureOf(error)), output, JSON.stringify(user), identity);
    await writeFile(join(raw, "everything"), answers.join("\n"));
    const offered = (await searchFor(plants.canaries, raw)).map(({ name }) => name);
    const names = plants.canaries.map(({ name }) => name);
    expect(new Set(offered)).toEqual(new Set(names.filter((name) => name !== "value of a Secret")));
    expect(requests.filter((request) => /\/secrets|config_dump/.test(request))).toEqual([]);

    expect(await searchFor(plants.canaries, run)).toEqual([]);
    const kept = await Promise.all(files.map((file) => readFile(file, "utf8")));
    expect(kept.filter((text) => text.includes("[masked]")).length).toBeGreaterThan(5);
    expect(files.map((file) => file.slice(run.length))).toEqual(
      expect.arrayContaining(["/diagnostics/a/p/guest-console-log.log", "/diagnostics/a/p/proxy-clusters.txt"]),
    );
  },
);

describe("On a cluster", () => {
  const launcher = ({ metadata }: KubeObject): KubeObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "launcher", namespace: metadata.namespace ?? "", labels: { "vm.kubevirt.io/name": "canary" } },
    spec: { containers: [{ name: "guest-console-log" }] },
    status: { conditions: [{ type: "Ready", status: "True" }], containerStatuses: [running("guest-console-log")] },
  });

  /** One whose guest prints what it was told. */
  async function scene() {
    let told = "";
    const onApply = (applied: KubeObject) => {
      if (applied.kind !== "VirtualMachineInstance") return [];
      told = JSON.stringify(applied["spec"]);
      return [launcher(applied)];
    };
    const secret = object("v1", "Secret", "s", { data: { key: base64("the value of a Secret") } });
    const exec = () => ({ stdout: "eyJhbGciOiJ9.the-token-of-a-pod.signature" });
    const { kubeconfig, requests } = await fakeApi({
      objects: [secret],
      onApply,
      log: () => told.replaceAll("\\n", "\n"),
      exec,
    });
    const environment = {
      clusterId: "c",
      kubeconfig,
      machines: {},
      capabilities: { kubevirt: true },
      images: { workload: "workload", guest: "guest" },
      tools: { istioctl: "/nowhere" },
      timeScale: 1,
    } as unknown as Environment;
    return { kube: connect(kubeconfig), environment, signal: new AbortController().signal, requests };
  }

  test("values are planted, evidence of them is collected and shows none, and nothing is left.", async () => {
    const folder = await temporaryFolder();
    const { requests, ...where } = await scene();
    const { planted, result } = await withPlanted(where, folder, () => realSecrets(where));
    expect(planted.map(({ name }) => name)).toEqual([
      "planted: secret",
      "planted: variable",
      "planted: annotation",
      "planted: user-data",
      "planted: user-data, a token",
    ]);
    expect(Object.entries(result).map(([place, found]) => [place, found.length > 0])).toEqual([
      ["values of Secrets", true],
      ["tokens of pods", true],
      ["what the harness gets in with", true],
      ["user-data", true],
      ["files on machines", false],
    ]);
    expect(await searchFor([...planted, ...Object.values(result).flat()], folder)).toEqual([]);
    expect(requests.at(-1)).toMatch(/^DELETE \/api\/v1\/namespaces\/vmesh-canary-/);
  });

  test("what is planted is removed if something goes wrong, and that is the error.", async () => {
    const { requests, ...where } = await scene();
    const broken = withPlanted(where, await temporaryFolder(), async () => Promise.reject(new Error("no secrets")));
    await expect(broken).rejects.toThrow("no secrets");
    expect(requests.at(-1)).toMatch(/^DELETE \/api\/v1\/namespaces\/vmesh-canary-/);
  });
});
