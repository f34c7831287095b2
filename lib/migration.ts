import type { Fixtures } from "./fixtures.ts";
import { timeouts } from "./timeouts.ts";

/**
 * Returns once the VirtualMachineInstanceMigration of this name has succeeded. Throws a `WaitError` with its phase, and
 * with what KubeVirt says of a failed one.
 */
export async function migrationSucceeds(
  name: string,
  { kube, namespace, eventually }: Pick<Fixtures, "kube" | "namespace" | "eventually">,
): Promise<void> {
  const ref = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstanceMigration", name, namespace };
  await eventually(
    `migration \`${name}\` has succeeded`,
    async () => {
      type Status = { phase?: string; migrationState?: { failureReason?: string } };
      const { phase, migrationState } = ((await kube.get(ref))?.["status"] ?? {}) as Status;
      if (phase !== "Succeeded")
        throw new Error(`its phase is ${phase}. ${migrationState?.failureReason ?? ""}`.trim());
    },
    { withinMs: timeouts.migration },
  );
}
