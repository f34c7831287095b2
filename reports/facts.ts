import type { RunReport } from "./model.ts";

/** What a run was made with, as pairs of a name and its value. */
export interface Fact {
  name: string;
  value: string;
  /** Told with the value, but of no weight when values are compared. */
  detail?: string | undefined;
}

/** What must be the same in runs whose results are put together. */
export function sameFacts({ vmesh, commit, catalog, provider, nodes, versions }: RunReport): Fact[] {
  return [
    { name: "vmesh", value: vmesh },
    ...(commit === undefined ? [] : [{ name: "commit of vmesh", value: commit }]),
    ...pairs("all checks of profile", catalog ?? {}),
    ...pairs("version of", versions),
    { name: "provider", value: provider },
    { name: "nodes", value: String(nodes) },
  ];
}

/** Everything a run was made with and asked for that bears on its results. */
export function allFacts(report: RunReport): Fact[] {
  const { capabilities, selection, host, requireAll, failOnFlaky } = report;
  const features = Object.entries(capabilities).map(([name, state]) => ({
    name: `feature ${name}`,
    value: state === true ? "yes" : "no",
    detail: state === true ? undefined : state,
  }));
  const asked = Object.entries(selection).map(([name, values]) => [name, values.join(", ") || "all"] as const);
  return [
    ...sameFacts(report),
    ...features,
    ...pairs("selected", Object.fromEntries(asked)),
    ...pairs("host", host),
    { name: "all required", value: requireAll ? "yes" : "no" },
    { name: "flaky is red", value: failOnFlaky ? "yes" : "no" },
  ];
}

function pairs(prefix: string, values: Readonly<Record<string, string | number>>): Fact[] {
  return Object.entries(values).map(([name, value]) => ({ name: `${prefix} ${name}`, value: String(value) }));
}
