import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Bundle } from "../../lib/diagnostics/bundle.ts";
import type { CreateOptions } from "../provider.ts";
import { containerCli } from "./container-cli.ts";
import { containersOf } from "./containers.ts";
import { script } from "./scripts.ts";
import type { KubevirtciState } from "./state.ts";

/** What `make` printed, and of each node its journal where it answers, and what its virtual machine wrote to its console. */
export async function collectLogs(
  bundle: Bundle,
  { stateDir }: Pick<CreateOptions, "stateDir">,
  state: KubevirtciState,
): Promise<void> {
  for (const name of ["cluster-up.log", "cluster-down.log"]) {
    const path = join(stateDir, name);
    if (existsSync(path)) await bundle.collect(name, () => bundle.copy(name, path));
  }
  const cli = containerCli(state.runtime, state.socket);
  const containers = (await bundle.collect("containers", () => containersOf(cli, state.prefix))) ?? [];
  const nodes = containers.filter(({ name }) => /-node\d+$/.test(name));
  const perNode = nodes.map(async ({ id, name }) => {
    const node = name.slice(state.prefix.length + 1);
    const journal = bundle.collect(`journal of ${node}`, async (signal) => {
      const command = [node, "--", "sudo", "journalctl", "--no-pager", "--lines", "2000"];
      await bundle.write(`${node}/journal.log`, (await script(state.scripts, "ssh", command, { signal })).stdout);
    });
    const console = bundle.collect(`console of ${node}`, async (signal) => {
      const { stdout } = await cli.run(["logs", "--tail", "500", id], { signal });
      await bundle.write(`${node}/console.log`, stdout);
    });
    await Promise.all([journal, console]);
  });
  await Promise.all(perNode);
}
