import { readFile } from "node:fs/promises";
import { fine, type Judgement, missing } from "../../finding.ts";

/** kubevirtci's own check prints that there is no KVM and goes on; its nodes then never come up. */
export function judgeKvm(seen: "opens" | "absent" | "forbidden"): Judgement {
  if (seen === "opens") return fine("kvm", "`/dev/kvm` opens");
  if (seen === "absent") {
    const mend = "turn virtualization on in the firmware, load `kvm_intel` or `kvm_amd`, or use another provider";
    return missing("kvm", "no `/dev/kvm`: the nodes are virtual machines", mend);
  }
  return missing(
    "kvm",
    "`/dev/kvm` is there, but may not be opened",
    "put yourself into the group `kvm`, or run as root",
  );
}

/** What a module of KVM says of nested guests, by the module's name; none if no module is loaded. */
export type SeenNested = { module: string; value: string } | undefined;

/** The VMIs of the checks are guests in nodes that are guests. */
export function judgeNested(seen: SeenNested): Judgement {
  const name = "nested virtualization";
  if (!seen) return missing(name, "no KVM module says whether it has it", "load `kvm_intel` or `kvm_amd`");
  const { module, value } = seen;
  if (/^[1Yy]/.test(value)) return fine(name, `\`${module}\` has it`);
  const mend = `\`echo "options ${module} nested=1" > /etc/modprobe.d/kvm.conf\`, then reload the module`;
  return missing(name, `\`${module}\` does not have it: no VMI boots in a node`, mend);
}

export async function readNested(root = "/sys/module"): Promise<SeenNested> {
  for (const module of ["kvm_intel", "kvm_amd", "kvm"]) {
    const value = await readFile(`${root}/${module}/parameters/nested`, "utf8").catch(() => undefined);
    if (value !== undefined) return { module, value: value.trim() };
  }
  return undefined;
}
