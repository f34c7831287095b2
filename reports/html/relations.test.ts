import { expect, test } from "vitest";
import { mesh } from "../../lib/mesh.ts";
import { sampleCall, sampleMilestones, samplePeer } from "../sample-calls.ts";
import { relationsOf } from "./relations.ts";

const pod = samplePeer("shop", "client", "pod");
const plainPod = samplePeer("out", "outsider", "pod", true);
const vmi = samplePeer("shop", "istio-vmi", "vmi");
const plainVmi = samplePeer("out", "plain-vmi", "vmi", true);
const vm = samplePeer(mesh.vm.namespace, "external-vm", "vm");
const v1 = samplePeer("shop", "server-v1", "pod");

test.for([
  [
    "the server that answered",
    [vmi, plainVmi],
    sampleCall(pod, "http://10.0.0.7:8080", "plain", "istio-vmi"),
    "mesh-vmi",
  ],
  [
    "the server that was to greet",
    [vmi, plainVmi],
    sampleCall(pod, "tcp://10.0.0.7:9090", "greeted", "plain-vmi"),
    "vmi",
  ],
  [
    "the name of a Service",
    [vmi, plainVmi],
    sampleCall(plainPod, "http://istio-vmi.shop:8080", "reset", ""),
    "mesh-vmi",
  ],
  ["a Service over several", [v1, vmi], sampleCall(vmi, "http://server.shop:8080", "forbidden", ""), "mesh-pod"],
  [
    "a Service with a longer name",
    [vmi, v1],
    sampleCall(pod, "http://istio-vmi-svc.shop.svc.cluster.local:8080", "timeout", ""),
    "mesh-vmi",
  ],
  ["the address of the caller itself", [vmi], sampleCall(plainVmi, "udp://127.0.0.1:9091", "timeout", ""), "vmi"],
  ["the only peer that calls nobody", [pod, plainVmi], sampleCall(pod, "http://10.0.0.8:8080", "no-policy", ""), "vmi"],
  ["the Service of the external VM", [], sampleCall(pod, mesh.vm.url, "mtls", mesh.vm.workload), "vm"],
  ["the host outside", [vmi], sampleCall(vmi, "http://192.0.2.10:8080", "plain", "external"), "host"],
  ["nobody who is known", [vmi, v1], sampleCall(pod, "http://10.0.0.8:8080", "timeout", ""), "unknown"],
] as const)("A call leads to %s.", ([, peers, call, to]) => {
  const relations = relationsOf([{ calls: [call], milestones: sampleMilestones(peers) }]);
  expect(relations).toMatchObject([[{ to }]]);
});

test("Who calls is told by its kind and whether it has an identity.", () => {
  const calls = [pod, plainPod, vmi, plainVmi, vm].map((from) => sampleCall(from, mesh.vm.url, "plain", "external"));
  const [relations = []] = relationsOf([{ calls, milestones: [] }]);
  expect(relations.map(({ from }) => from)).toEqual(["mesh-pod", "pod", "mesh-vmi", "vmi", "vm"]);
});

test("A refused call to an address is known by another that was answered, in its check or, outside of pods, in any.", () => {
  const refused = (host: string) => sampleCall(pod, `http://${host}:8080`, "no-policy", "");
  const answeredBy = (host: string, by: string) => sampleCall(pod, `http://${host}:8080`, "plain", by);
  const milestones = sampleMilestones([vmi, v1, plainVmi]);
  const [first, second] = relationsOf([
    {
      calls: [answeredBy("10.0.0.7", "istio-vmi"), refused("10.0.0.7"), answeredBy("192.0.2.10", "external")],
      milestones,
    },
    { calls: [refused("10.0.0.7"), refused("192.0.2.10")], milestones },
  ]);
  expect(first?.map(({ to }) => to)).toEqual(["mesh-vmi", "mesh-vmi", "host"]);
  // The address of a pod is another's in the next check.
  expect(second?.map(({ to }) => to)).toEqual(["unknown", "host"]);
});

test("Whom a call reached is what the check says, also where its URL looks like another peer.", () => {
  const to = { name: "external", namespace: "", kind: "host" } as const;
  const call = { ...sampleCall(pod, "http://istio-vmi.shop:8080", "no-policy", ""), to };
  expect(relationsOf([{ calls: [call], milestones: sampleMilestones([vmi]) }])).toMatchObject([[{ to: "host" }]]);
});
