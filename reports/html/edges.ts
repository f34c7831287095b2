import type { Call, CaseReport } from "../model.ts";
import { type Kind, kindsInOrder } from "./kinds.ts";
import { relationsOf } from "./relations.ts";

/** How a call ended, as the picture tells ends apart. */
export const ways = {
  mtls: "mutual TLS",
  plain: "plaintext",
  unseen: "identity not visible",
  refused: "refused",
  unexpected: "unexpected",
} as const;
export type Way = keyof typeof ways;

/** Where on its way a call can be refused, in the order in which it comes there. */
export const layers = ["client's proxy", "node", "server's proxy", "host"] as const;
export type Layer = (typeof layers)[number];

/** All calls of a run from one kind of peer to another that ended alike. */
export interface Edge {
  from: Kind;
  to: Kind;
  way: Way;
  /** Who refused, and why. */
  layer?: Layer | undefined;
  because?: string | undefined;
  /** Requests. */
  count: number;
  /** Indexes of the checks whose calls these are. */
  checks: Set<number>;
  /** Identities that servers saw. */
  identities: Set<string>;
  calls: { call: Call; check: number }[];
}

/** The calls of a run by kinds and ends, in the order of the picture: by who is called, who calls, and how it ends. */
export function edgesOf(cases: readonly Pick<CaseReport, "calls" | "milestones">[]): Edge[] {
  const edges = new Map<string, Edge>();
  for (const [check, relations] of relationsOf(cases).entries()) {
    for (const { call, from, to } of relations) {
      const way = wayOf(call);
      const { by: layer, because } = way === "refused" && call.refusal ? call.refusal : {};
      const key = [from, to, way, layer, because].join("\n");
      const none = { count: 0, checks: new Set<number>(), identities: new Set<string>(), calls: [] };
      const edge = edges.get(key) ?? { from, to, way, layer, because, ...none };
      edges.set(key, edge);
      edge.count += call.count;
      edge.checks.add(check);
      if (call.as) edge.identities.add(call.as);
      edge.calls.push({ call, check });
    }
  }
  return [...edges.values()].toSorted((a, b) => compare(rankOf(a), rankOf(b)));
}

/** What became of a call. Who answered without an identity answered in plaintext, or what it was cannot be seen. */
export function wayOf({ unexpected, refusal, as, by }: Call): Way {
  if (unexpected !== undefined) return "unexpected";
  if (refusal) return "refused";
  if (as) return "mtls";
  return by === undefined ? "unseen" : "plain";
}

/** An edge's end in words: `mutual TLS`, or why it was refused. */
export function endOf({ way, because }: Pick<Edge, "way" | "because">): string {
  return way === "refused" && because ? because : ways[way];
}

function rankOf({ to, from, way, layer }: Edge): number[] {
  return [
    kindsInOrder.indexOf(to),
    kindsInOrder.indexOf(from),
    Object.keys(ways).indexOf(way),
    layer ? layers.indexOf(layer) : 0,
  ];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    if (value !== other) return value - other;
  }
  return 0;
}
