import type { CaseOutcome, RunReport, Verdict } from "../model.ts";
import { selectedInWords } from "../selected.ts";
import { counted, grouped, listed } from "./figures.ts";

/** One sentence about a run: what was proven with what, or why it was not. */
export function verdictSentence(report: RunReport): string {
  const { cases, stages } = report;
  const count = (...ends: CaseOutcome[]) => cases.filter(({ outcome }) => ends.includes(outcome)).length;
  const broken = count("error");
  const flaky = count("flaky");
  const ran = cases.length - count("skipped");
  const missing = cases.filter(({ outcome, profile }) => outcome === "skipped" && profile === "core").length;
  const brokenStage = (wanted: string) =>
    stages.find(({ outcome, phase }) => outcome === "failed" && phase === wanted)?.title;
  const lateOnes = ran === 1 ? "" : `${flaky === ran ? "all" : grouped(flaky)} of them `;
  const late = flaky > 0 ? `, ${lateOnes}only at a later try` : "";
  const part = selectedInWords(report);
  const judged =
    ran === broken
      ? `none of ${counted(cases.length, "check")} was judged`
      : `${grouped(ran - broken)} of ${counted(cases.length, "check")} were judged`;
  const all = `${ran === 1 ? "the one check" : `all ${counted(ran, "check")}`} that ran passed${late}`;

  const sentences: Record<Verdict, () => string> = {
    // A part of the checks proves no more than itself.
    conformant: () => (part === undefined ? `Virtual machines work in this mesh: ${all}` : capitalized(all)),
    partial: () => `${counted(missing, "core check")} did not run; ${all}`,
    failed: () => failure({ failed: count("failed"), broken, flaky, ran }),
    error: () => {
      const [setup, teardown] = [brokenStage("setup"), brokenStage("teardown")];
      if (setup !== undefined) return `Stage \`${setup}\` failed, and ${judged}`;
      if (broken > 0) return `${grouped(broken)} of ${counted(ran, "check")} that ran could not be judged`;
      if (teardown !== undefined && ran > 0) return `Stage \`${teardown}\` failed at the end of the run; ${all}`;
      return "No check ran";
    },
    interrupted: () =>
      `${report.finished ? "The run was ended before it was over" : "The run goes on, or was killed"}, and ${judged}`,
  };
  return `${sentences[report.verdict]()}${part === undefined ? "" : ` (${part})`}, with ${subject(report)}.`;
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function failure({ failed, broken, flaky, ran }: Record<"failed" | "broken" | "flaky" | "ran", number>): string {
  const of = `of ${counted(ran, "check")} that ran`;
  // A flaky check alone makes a run red where that was asked for.
  if (failed === 0) return `${grouped(flaky)} ${of} passed only at a later try, which this run does not accept`;
  return `${grouped(failed)} ${of} found the mesh at fault${broken > 0 ? `, and ${grouped(broken)} could not be judged` : ""}`;
}

/** What was tested: `Istio 1.31.1 and KubeVirt v1.7.0 on Kubernetes v1.34.4 (provider lab, 2 nodes)`. */
function subject({ versions, provider, nodes }: RunReport): string {
  const named = (name: string, component: string) => (versions[component] ? [`${name} ${versions[component]}`] : []);
  const tested = listed([...named("Istio", "istio"), ...named("KubeVirt", "kubevirt")]);
  const what = [tested, ...named("Kubernetes", "kubernetes")].filter((part) => part !== "").join(" on ");
  const where = `provider ${provider}, ${counted(nodes, "node")}`;
  return what === "" ? `a cluster that told no versions (${where})` : `${what} (${where})`;
}
