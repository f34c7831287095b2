import { expect, test } from "vitest";
import { sampleRun, syntheticRun } from "../sample-run.ts";
import { edgesOf } from "./edges.ts";
import { kinds } from "./kinds.ts";
import { gateAt, layoutOf } from "./topology-layout.ts";

const edges = edgesOf(sampleRun().cases);
const { strips, lines, mesh, networks, height } = layoutOf(edges);

test("Every edge has a line, with room for its words, within the strip of who is called.", () => {
  expect(lines).toHaveLength(edges.length);
  const heights = lines.map(({ to }) => to).toSorted((a, b) => a - b);
  for (const [index, at] of heights.slice(1).entries()) expect(at - (heights[index] ?? 0)).toBeGreaterThanOrEqual(18);
  for (const { edge, to } of lines) {
    const strip = strips.find(({ kind }) => kind === edge.to);
    expect(to).toBeGreaterThan(strip?.y ?? Infinity);
    expect(to).toBeLessThan((strip?.y ?? 0) + (strip?.height ?? 0));
  }
});

test("A line ends at the layer that refused it, and nowhere else.", () => {
  for (const { edge, stop } of lines) expect(stop).toBe(edge.layer && gateAt[edge.layer]);
  expect(new Set(lines.map(({ stop }) => stop)).size).toBeGreaterThan(3);
});

test("The mesh surrounds what has a proxy and nothing else; each network is one piece.", () => {
  const within = (region: { y: number; height: number } | undefined) =>
    strips.filter(({ y }) => region && y >= region.y && y < region.y + region.height).map(({ kind }) => kind);
  expect(within(mesh)).toEqual(["vm", "mesh-pod", "mesh-vmi"]);
  expect(networks.map((network) => [network.name, within(network)])).toEqual([
    ["VM network", ["vm"]],
    ["cluster network", ["mesh-pod", "mesh-vmi", "vmi", "pod"]],
  ]);
  expect(strips.every(({ kind }) => kinds[kind].meshed === within(mesh).includes(kind))).toBe(true);
});

test("The picture does not grow with the count of checks.", () => {
  expect(layoutOf(edgesOf(syntheticRun(500).cases)).height).toBe(height);
});
