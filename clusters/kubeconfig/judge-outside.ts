import { type MachineAccess, machineAt } from "../../lib/machine.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { fine, type Judgement, limited, missing } from "../finding.ts";
import type { KubeconfigSettings } from "./settings.ts";

/** Of images that nodes cannot pull only pods tell, and those belong to a run. */
export function judgeImages(images: KubeconfigSettings["images"]): Judgement {
  if (images) return fine("images", `${images.workload}, ${images.guest}`);
  const mend =
    "`scripts/vmesh artifacts --push REGISTRY` builds both, pushes them, and prints the lines for `settings.kubeconfig.images`";
  return missing("images", "vmesh's own two, `workload` and `guest`, are not named", mend);
}

/** The host outside is asked from here: what is behind another network may still answer pods. */
export async function judgeExternal(address: string | undefined): Promise<Judgement> {
  const name = "external host";
  const start =
    "run the workload image on a host that nodes reach: `serve --name external --http 8080 --tcp 7700 --dns 53`";
  if (address === undefined) {
    return limited(
      name,
      "none is named: checks that need one are skipped",
      `${start}, and set \`external\` to its address`,
    );
  }
  const url = `http://${address}:8080/`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeouts.exchange) }).catch((error: unknown) => error);
  if (answer instanceof Response && answer.ok) return fine(name, `${url} answers`);
  const why = answer instanceof Response ? `answers with ${answer.status}` : "does not answer this machine";
  return limited(name, `${url} ${why}; what counts is whether it answers pods`, start);
}

/** A machine has to answer, and to have on it what vmesh does not install: Istio's package and the workload's program. */
export async function judgeMachine(access: MachineAccess | undefined): Promise<Judgement> {
  const name = "external VM";
  if (!access) {
    const mend = "set `machines.vm` to a machine with Istio's package for VMs that nodes and gateway can reach";
    return limited(name, "none is named: checks that need one are skipped", mend);
  }
  const look = "id -u; systemctl cat istio.service >/dev/null 2>&1 && echo istio; command -v vmesh-echo || true";
  const { stdout, stderr, exitCode } = await machineAt(access).sh(look, {
    timeoutMs: timeouts.hostCommand,
    allowFailure: true,
  });
  const where = `${access.user}@${access.address}`;
  if (exitCode !== 0 && stdout === "") {
    const mend = "look at `ssh -i IDENTITY-FILE -o UserKnownHostsFile=KNOWN-HOSTS-FILE` by hand";
    return missing(name, `${where} does not answer on SSH: ${stderr.trim() || `exit code ${exitCode}`}`, mend);
  }
  if (!/^0$/m.test(stdout)) return missing(name, `${where} is not root`, "set `machines.vm.user` to root");
  if (!/^istio$/m.test(stdout)) {
    return missing(
      name,
      `${where} has no unit \`istio.service\``,
      "install Istio's package for VMs, `istio-sidecar.deb`",
    );
  }
  if (!/vmesh-echo/.test(stdout)) {
    const mend = "copy `/vmesh-echo` of the workload image to `/usr/local/bin/vmesh-echo` there";
    return missing(name, `${where} has no program \`vmesh-echo\``, mend);
  }
  return fine(name, `${where} answers, with Istio's package and vmesh's program`);
}
