import { type Edge, type Layer, layers } from "./edges.ts";
import { type Kind, kinds, kindsInOrder } from "./kinds.ts";

// From left to right: networks, who calls, curves, the layers that may refuse, what came of it, who is called.
export const width = 1180;
export const columns = {
  network: 4,
  caller: 38,
  curve: 198,
  gates: 524,
  arrow: 774,
  count: 814,
  end: 823,
  server: 1006,
};
export const boxWidth = 160;
const slot = 19;
const smallest = 64;
const gap = 14;
const top = 64;

/** Where each layer stands on the way of a call. */
export const gateAt: Readonly<Record<Layer, number>> = {
  "client's proxy": 548,
  node: 612,
  "server's proxy": 680,
  host: 746,
};

/** The strip of one kind, which calls at its left end and is called at its right end. */
export interface Strip {
  kind: Kind;
  y: number;
  height: number;
  calls: number;
  called: number;
}

export interface Line {
  edge: Edge;
  index: number;
  /** Height at which it leaves the caller, and at which it arrives. */
  from: number;
  to: number;
  /** Where it ends, if a layer refuses it. */
  stop?: number | undefined;
}

/** A run of strips that lie together: a network, or the mesh. */
export interface Region {
  name: string;
  y: number;
  height: number;
}

export interface Layout {
  height: number;
  strips: Strip[];
  lines: Line[];
  networks: Region[];
  mesh: Region | undefined;
}

/** Places of everything in the picture; edges come in the order of whom they call. */
export function layoutOf(edges: readonly Edge[]): Layout {
  const strips: Strip[] = [];
  let y = top;
  for (const kind of kindsInOrder) {
    const calls = edges.filter(({ from }) => from === kind);
    const called = edges.filter(({ to }) => to === kind);
    if (calls.length + called.length === 0) continue;
    // A wider gap where the mesh ends, for its boundary.
    if (strips.length > 0) y += kinds[strips.at(-1)?.kind ?? kind].meshed === kinds[kind].meshed ? gap : 2 * gap;
    const height = Math.max(smallest, called.length * slot + 14);
    strips.push({ kind, y, height, calls: sum(calls), called: sum(called) });
    y += height;
  }
  const region = (name: string, members: readonly Strip[]): Region | undefined => {
    const [first, last] = [members[0], members.at(-1)];
    return first && last && { name, y: first.y, height: last.y + last.height - first.y };
  };
  const inNetwork = (network: string) => strips.filter(({ kind }) => kinds[kind].network === network);
  return {
    height: y + 20,
    strips,
    lines: linesOf(edges, strips),
    networks: [region("VM network", inNetwork("vm")), region("cluster network", inNetwork("cluster"))].filter(isThere),
    mesh: region(
      "mesh",
      strips.filter(({ kind }) => kinds[kind].meshed),
    ),
  };
}

function linesOf(edges: readonly Edge[], strips: readonly Strip[]): Line[] {
  const slots = (of: (edge: Edge) => Kind) => {
    const all = Map.groupBy(edges, of);
    return (edge: Edge, spacing: number) => {
      const strip = strips.find(({ kind }) => kind === of(edge)) ?? { y: 0, height: 0 };
      const alike = all.get(of(edge)) ?? [];
      return strip.y + strip.height / 2 + (alike.indexOf(edge) - (alike.length - 1) / 2) * spacing;
    };
  };
  const leaving = slots(({ from }) => from);
  const arriving = slots(({ to }) => to);
  return edges.map((edge, index): Line => {
    const stop = edge.layer && layers.includes(edge.layer) ? gateAt[edge.layer] : undefined;
    return { edge, index, from: leaving(edge, 4), to: arriving(edge, slot), stop };
  });
}

function sum(edges: readonly Edge[]): number {
  return edges.reduce((total, { count }) => total + count, 0);
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
