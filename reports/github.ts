import { isAbsolute, relative } from "node:path";
import { failureInWords } from "./failure.ts";
import { type CaseReport, type RunReport, stageName } from "./model.ts";

/** GitHub makes annotations of the first ten errors and the first ten warnings of a step. */
const mostOfAKind = 10;

/** Characters of a message; GitHub cuts at 4,096. */
const messageLimit = 4_000;

/** Where GitHub looks for files: absolute paths, of the checks by their id. */
export interface Places {
  workspace: string;
  files: ReadonlyMap<string, string>;
}

interface Annotation {
  kind: "error" | "warning";
  title: string;
  message: string;
  file?: string;
  line?: string;
}

/**
 * The workflow commands that make annotations: an error for every stage and check that is red, a warning for every
 * flaky check, or an error where flaky is red. Of more than ten of a kind the tenth names the rest.
 */
export function annotations(report: RunReport, places: Places): string[] {
  const stages = report.stages.filter((stage) => stage.outcome === "failed");
  const all = [
    ...stages.map((stage): Annotation => {
      const message = stage.error?.message ?? stage.outcome;
      return { kind: "error", title: `${stage.outcome}: stage ${stageName(stage)}`, message };
    }),
    ...report.cases.flatMap((one): Annotation[] => {
      const kinds = { failed: "error", error: "error", flaky: report.failOnFlaky ? "error" : "warning" } as const;
      if (one.outcome === "passed" || one.outcome === "skipped") return [];
      const title = `${one.outcome}: ${one.id}`;
      const message = one.failure === undefined ? one.title : `${one.title}\n${failureInWords(one.failure)}`;
      return [{ kind: kinds[one.outcome], title, message, ...placeOf(one, places) }];
    }),
  ];
  return (["error", "warning"] as const).flatMap((kind) =>
    bounded(all.filter((one) => one.kind === kind)).map(command),
  );
}

/** The check's own frame in the stack, which may begin in what the check calls; else its file. */
function placeOf({ id, failure }: CaseReport, { workspace, files }: Places): Pick<Annotation, "file" | "line"> {
  const path = files.get(id.split("#")[0] ?? id);
  if (path === undefined) return {};
  const file = relative(workspace, path);
  if (file.startsWith("..") || isAbsolute(file)) return {};
  const after = failure?.stack?.split(`${path}:`)[1];
  const [line] = /^\d+/.exec(after ?? "") ?? [];
  return line === undefined ? { file } : { file, line };
}

function bounded(all: readonly Annotation[]): Annotation[] {
  const [first] = all;
  if (first === undefined || all.length <= mostOfAKind) return [...all];
  const rest = all.slice(mostOfAKind - 1);
  const message = rest.map(({ title }) => title).join("\n");
  return [...all.slice(0, mostOfAKind - 1), { kind: first.kind, title: `and ${rest.length} more`, message }];
}

/** Properties end at a comma and commands at colons, so these are written as what they are in a URL. */
function command({ kind, message, ...properties }: Annotation): string {
  const { title, file, line } = properties;
  const written = Object.entries({ file, line, title })
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `${name}=${escaped(value, /[%\r\n:,]/g)}`);
  const cut = message.length > messageLimit ? `${message.slice(0, messageLimit)}…` : message;
  return `::${kind} ${written.join(",")}::${escaped(cut, /[%\r\n]/g)}`;
}

function escaped(text: string, special: RegExp): string {
  return text.replace(special, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}
