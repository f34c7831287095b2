import { mesh } from "../../lib/mesh.ts";
import type { Call, CaseReport } from "../model.ts";
import type { Kind } from "./kinds.ts";

/** A call between kinds of peers. */
export interface Relation {
  call: Call;
  from: Kind;
  to: Kind;
}

/**
 * Of each check who called whom. A call tells its sender, and whom it went to where the check knows it; else that is told
 * by the server, or found out here.
 */
export function relationsOf(cases: readonly Pick<CaseReport, "calls" | "milestones">[]): Relation[][] {
  const outside = new Map<string, Kind>();
  for (const { call, to } of cases.flatMap((one) => relationsIn(one, new Map()))) {
    if (to === "host" || to === "vm") outside.set(hostOf(call.url), to);
  }
  return cases.map((one) => relationsIn(one, outside));
}

/** The name under which the host outside the cluster serves. */
const outsideHost = "external";

/** `outside`: addresses of which other checks tell that they are of no pod. Those of pods change hands. */
function relationsIn({ calls, milestones }: Pick<CaseReport, "calls" | "milestones">, outside: Map<string, Kind>) {
  const peers = new Map<string, Kind>([
    [outsideHost, "host"],
    [mesh.vm.workload, "vm"],
  ]);
  for (const peer of [...milestones, ...calls.map(({ from }) => from)]) peers.set(peer.name, kindOf(peer));
  const byHost = new Map<string, Kind>();
  for (const call of calls) {
    const kind = call.to ? kindOf(call.to) : peers.get(serverOf(call) ?? "");
    if (kind) byHost.set(hostOf(call.url), kind);
  }
  const callers = new Set(calls.map(({ from }) => from.name));
  const silent = milestones.filter(({ name }) => !callers.has(name)).map(kindOf);
  const kindOfCalled = (call: Call): Kind => {
    const host = hostOf(call.url);
    return (
      (call.to && kindOf(call.to)) ??
      peers.get(serverOf(call) ?? "") ??
      (host === "127.0.0.1" ? kindOf(call.from) : undefined) ??
      byHost.get(host) ??
      namedAlike(host, peers) ??
      outside.get(host) ??
      // Whoever sends nothing is there to be called.
      (silent.length === 1 ? silent[0] : undefined) ??
      "unknown"
    );
  };
  return calls.map((call): Relation => ({ call, from: kindOf(call.from), to: kindOfCalled(call) }));
}

/** The kind of a peer; only a workload in the mesh has an identity. */
export function kindOf({ kind, identity }: Pick<NonNullable<Call["to"]>, "kind" | "identity">): Kind {
  if (kind === "vm" || kind === "host") return kind;
  if (kind === "vmi") return identity ? "mesh-vmi" : "vmi";
  return identity ? "mesh-pod" : "pod";
}

/** The server that answered, or the one that was expected to. */
function serverOf({ by, expected }: Call): string | undefined {
  return by ?? / by `([^`]+)`/.exec(expected)?.[1];
}

/** The peer for which a Service is called: of its name, `x` for `x-v1` and `x-v2`, or `x-svc` for `x`. */
function namedAlike(host: string, peers: ReadonlyMap<string, Kind>): Kind | undefined {
  const [service = ""] = host.split(".");
  if (service === "" || /^\d+$/.test(service)) return undefined;
  const alike = (name: string) => name.startsWith(`${service}-`) || service.startsWith(`${name}-`);
  return peers.get(service) ?? [...peers].find(([name]) => alike(name))?.[1];
}

function hostOf(url: string): string {
  return /^\w+:\/\/(\[[^\]]*\]|[^/:?#]*)/.exec(url)?.[1] ?? url;
}
