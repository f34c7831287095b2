import type { Destination, PeerName } from "../lib/calls.ts";
import { mesh } from "../lib/mesh.ts";
import type { Call, CaseReport, RunReport, StageReport } from "./model.ts";
import { sampleMilestones, samplePeer } from "./sample-calls.ts";
import { sampleCase, sampleReport } from "./sample.ts";
import { externalAddress, type Peers, stories, type Story } from "./sample-stories.ts";

/** A run of 25 checks that all passed but the two that need a second node, with everything that a report can tell. */
export function sampleRun(cases: readonly CaseReport[] = sampleCases()): RunReport {
  const end = Math.max(
    ...cases.map(({ startedAt = at(0), seconds }) => (Date.parse(startedAt) - began) / 1000 + seconds),
  );
  return sampleReport({
    seed: 506_207,
    selection: { profile: ["extended"], suite: [], check: [], tag: [] },
    reproduce: "scripts/vmesh run --provider lab --nodes 1 --profile extended --seed 506207",
    host: { cpus: 2, memoryGiB: 24, system: "linux x64 6.18.44", node: "v24.21.0" },
    versions: { kubernetes: "v1.34.4", istio: "1.31.1", envoy: "1.40.0", kubevirt: "v1.7.0", multus: "v4.2.3" },
    capabilities: {
      istio: true,
      kubevirt: true,
      "external-vm": true,
      "network-policy": true,
      "two-nodes": "the cluster has one node",
      "live-migration": "the cluster has one node",
    },
    stages: sampleStages(end),
    cases,
    seconds: end + 23,
    verdict: "conformant",
    exitCode: 0,
  });
}

const began = Date.parse("2026-01-02T03:04:05.000Z");
const at = (seconds: number) => new Date(began + seconds * 1000).toISOString();

/** Stages around cases that end after so many seconds. */
function sampleStages(end: number): StageReport[] {
  const passed = (title: string, phase: StageReport["phase"], start: number, seconds: number): StageReport => {
    return { title, phase, startedAt: at(start), seconds, outcome: "passed" };
  };
  return [
    passed("cluster", "setup", 0, 41),
    passed("istio", "setup", 41, 34),
    passed("kubevirt", "setup", 48, 66),
    passed("suites", "setup", 115, end - 114),
    passed("verify", "setup", end + 1, 2),
    passed("cluster", "teardown", end + 3, 20),
  ];
}

/** `count` cases from the stories over and over, two at a time and the serial ones at the end. */
function sampleCases(count = stories.length): CaseReport[] {
  const told = Array.from({ length: count }, (_, index) => ({ index, story: stories[index % stories.length]! }));
  const [beside, alone] = [told.filter(({ story }) => !story.serial), told.filter(({ story }) => story.serial)];
  const lanes = [116, 118];
  const cases: CaseReport[] = [];
  for (const { story, index } of beside) {
    const lane = lanes.indexOf(Math.min(...lanes));
    cases[index] = caseOf(story, lanes[lane] ?? 0, index);
    lanes[lane] = (lanes[lane] ?? 0) + story.seconds + 1;
  }
  let next = Math.max(...lanes);
  for (const { story, index } of alone) {
    cases[index] = caseOf(story, next, index);
    next += story.seconds + 1;
  }
  return cases;
}

function caseOf(
  { id, title, tags, extended, serial = false, seconds, play, properties = {} }: Story,
  start: number,
  index: number,
): CaseReport {
  const repeated = Math.floor(index / stories.length);
  const [suite = "", stem = ""] = id.split("/");
  const name = repeated === 0 ? stem : `${stem}-${repeated}`;
  const peers = peersOf(`vmesh-${suite}-${name}-x7k2p`);
  const servers = serversOf(peers);
  const calls = (play?.(peers) ?? []).map((call) => reaching(call, servers));
  const ended: Partial<CaseReport> =
    seconds === 0
      ? { outcome: "skipped", reason: "two-nodes: the cluster has one node", seconds, startedAt: undefined }
      : { outcome: "passed", seconds: seconds + 0.321, startedAt: at(start) };
  return sampleCase({
    id: `${suite}/${name}`,
    suite,
    name,
    title,
    tags,
    needs: tags.includes("vm") ? ["external-vm"] : ["kubevirt", "istio", "istio-cni"],
    profile: extended ? "extended" : "core",
    serial,
    calls,
    milestones: sampleMilestones(taking(calls, peers, servers), 1 + (index % 5) * 0.06),
    properties,
    ...ended,
  });
}

function peersOf(namespace: string): Peers {
  const outside = `${namespace}-out`;
  return {
    namespace,
    pod: samplePeer(namespace, "client", "pod"),
    vmi: samplePeer(namespace, "client-vmi", "vmi"),
    other: samplePeer(namespace, "cirros-vmi", "vmi"),
    plainPod: samplePeer(outside, "outsider", "pod", true),
    plainVmi: samplePeer(outside, "outsider-vmi", "vmi", true),
    vm: samplePeer(mesh.vm.namespace, "external-vm", "vm"),
  };
}

/** The servers of a check, by the names under which they are called. */
function serversOf({ namespace, vm }: Peers): Map<string, PeerName> {
  const servers = [
    ...["server", "server-v1", "server-v2"].map((name) => samplePeer(namespace, name, "pod")),
    samplePeer(namespace, "istio-vmi", "vmi"),
    samplePeer(namespace, "plain-vmi", "vmi", true),
  ];
  return new Map([...servers.map((server) => [server.name, server] as const), [mesh.vm.workload, vm]]);
}

const outside: Destination = { name: "external", namespace: "", kind: "host" };

/** As a check knows whom it calls: by who answered, else by the first label of the URL's host. */
function reaching(call: Call, servers: ReadonlyMap<string, PeerName>): Call {
  const [label = ""] = new URL(call.url).hostname.split(".");
  const to = call.url.includes(externalAddress) ? outside : (servers.get(call.by ?? "") ?? servers.get(label));
  return { ...call, ...(to && { to }) };
}

/** Who takes part in these calls. */
function taking(calls: readonly Call[], peers: Peers, servers: ReadonlyMap<string, PeerName>): PeerName[] {
  const { namespace: _, ...callers } = peers;
  const names = new Set(calls.flatMap(({ from, to }) => [from.name, to?.name]));
  const all = [...Object.values(callers), ...servers.values()].filter(({ name }) => names.has(name));
  return [...new Map(all.map((peer) => [peer.name, peer])).values()];
}

/** As many checks as asked for, the same over and over under names of their own, every ninth red. */
export function syntheticRun(count: number): RunReport {
  const failure = {
    type: "ExpectationError",
    message: "It ended as `timeout`.",
    expected: "answered",
    actual: "timeout",
  };
  const cases = sampleCases(count).map((one, index): CaseReport => {
    return index % 9 === 8 && one.outcome === "passed" ? { ...one, outcome: "failed", failure } : one;
  });
  return { ...sampleRun(cases), verdict: "failed", exitCode: 1 };
}
