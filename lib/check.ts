import { basename, dirname } from "node:path";
import type { Capability } from "./environment.ts";

/** What is known of a check before it runs. */
export interface CheckDefinition {
  /** One sentence that the check proves, with its full stop. */
  title: string;
  /** What every mesh with VMs must do, or what only some clusters can show. */
  profile: "core" | "extended";
  tags: string[];
  /** The seed document it comes from, `kubevirt-blog`, or `vmesh` for what none of them says. */
  source: string;
  /** The rows of the feature table, `suites/rows.yaml`, that it covers. */
  rows: string[];
  needs: Capability[];
  /** It changes the whole mesh, so no other check may run beside it. Those with `external-vm` never meet each other. */
  serial?: true;
  /** `false` for a namespace without sidecar injection. */
  injection?: false;
  /**
   * A known defect of the product, described in the `.md` file beside the check: the check passes only while it fails
   * with a message that this matches.
   */
  expectedToFail?: RegExp;
}

/** A check as the catalog, the reporter and the runner know it: the definition, named by its file. */
export interface CheckEntry {
  /** `area/name`, from the path of the file. */
  id: string;
  /** Absolute path of the `.test.ts` file. */
  file: string;
  /** The area: the file's folder. */
  suite: string;
  name: string;
  title: string;
  profile: "core" | "extended";
  tags: string[];
  source: string;
  rows: string[];
  needs: Capability[];
  serial: boolean;
  /** It passes while a known defect is there. */
  expectedToFail: boolean;
}

/** Names a check by its file: `suites/inbound/declared-port.test.ts` is `inbound/declared-port`. */
export function entryOf(definition: CheckDefinition, file: string): CheckEntry {
  const suite = basename(dirname(file));
  const name = basename(file, ".test.ts");
  const { title, profile, tags, source, rows, needs, serial = false } = definition;
  const expectedToFail = definition.expectedToFail !== undefined;
  return {
    id: `${suite}/${name}`,
    file,
    suite,
    name,
    title,
    profile,
    tags,
    source,
    rows,
    needs,
    serial,
    expectedToFail,
  };
}
