import { fine, type Judgement, missing } from "../../finding.ts";
import { installLine } from "../host-packages.ts";

/** Judges the Debian packages that are not there. A run installs them where it can. */
export function judgePackages(absent: readonly string[], isRoot: boolean, isDebian: boolean): Judgement {
  const name = "packages";
  if (absent.length === 0) return fine(name, "all Debian packages are installed");
  const detail = `not installed: ${absent.join(", ")}`;
  if (isDebian && isRoot) return fine(name, detail, `installs the Debian packages ${absent.join(", ")}`);
  const mend = isDebian
    ? `sudo ${installLine(absent)}`
    : "install the programs of these Debian packages with this system's package manager";
  return missing(name, detail, mend);
}
