import { expect, test } from "vitest";
import { loadManifests } from "../../lib/manifests.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { writeMultus } from "./cni.ts";

test("Multus' manifests are for the folders of k3s, kind and rights included.", async () => {
  const folders = {
    programs: "/var/lib/rancher/k3s/data/cni",
    configurations: "/var/lib/rancher/k3s/agent/etc/cni/net.d",
  };
  const objects = await loadManifests(await writeMultus("ghcr.example/multus:1", folders, await temporaryFolder()), {});
  expect(objects.map(({ kind }) => kind)).toEqual([
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "ServiceAccount",
    "ClusterRoleBinding",
    "DaemonSet",
  ]);
  expect(objects.at(-1)).toMatchObject({
    spec: {
      template: {
        spec: {
          containers: [
            {
              image: "ghcr.example/multus:1",
              args: expect.arrayContaining([
                `--multus-kubeconfig-file-host=${folders.configurations}/multus.d/multus.kubeconfig`,
              ]),
            },
          ],
          volumes: [
            { name: "configurations", hostPath: { path: folders.configurations } },
            { name: "programs", hostPath: { path: folders.programs } },
          ],
        },
      },
    },
  });
});
