import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describeRef, type KubeObject, type ObjectRef, refOf } from "./kube.ts";

/** What checks do outside their namespaces, on disk before it is done: another process can undo it should this one die. */
export interface OutsideLedger {
  applied(refs: readonly ObjectRef[]): void;
  withdrew(object: KubeObject): void;
  undone(ref: ObjectRef): void;
}

type Entry =
  | { did: "apply"; ref: ObjectRef }
  | { did: "withdraw"; object: KubeObject }
  | { did: "undo"; ref: ObjectRef };

/** The ledger of a run, `outside.ndjson` in its state folder; without a folder nothing is written. */
export function outsideLedger(folder: string | undefined): OutsideLedger {
  const write = (entry: Entry) => {
    if (!folder) return;
    const file = ledgerFile(folder);
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, `${JSON.stringify(entry)}\n`);
  };
  return {
    applied: (refs) => refs.forEach((ref) => write({ did: "apply", ref })),
    withdrew: (object) => write({ did: "withdraw", object }),
    undone: (ref) => write({ did: "undo", ref }),
  };
}

/** What is still to be undone: objects to remove, the latest first, and objects to put back. */
export function readOutside(folder: string): { remove: ObjectRef[]; putBack: KubeObject[] } {
  const remove = new Map<string, ObjectRef>();
  const putBack = new Map<string, KubeObject>();
  for (const entry of entriesOf(folder)) {
    if (entry.did === "apply") remove.set(describeRef(entry.ref), entry.ref);
    if (entry.did === "withdraw") putBack.set(describeRef(refOf(entry.object)), entry.object);
    if (entry.did !== "undo") continue;
    remove.delete(describeRef(entry.ref));
    putBack.delete(describeRef(entry.ref));
  }
  return { remove: [...remove.values()].toReversed(), putBack: [...putBack.values()] };
}

function entriesOf(folder: string): Entry[] {
  let text: string;
  try {
    text = readFileSync(ledgerFile(folder), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  // The last line may be half of one: then what it tells was not done yet.
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Entry);
}

function ledgerFile(folder: string): string {
  return `${folder}/outside.ndjson`;
}
