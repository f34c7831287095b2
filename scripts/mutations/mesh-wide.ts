import { namespacePrefix } from "../../lib/fixtures/scene.ts";
import type { KubeObject } from "../../lib/kube.ts";
import { onAppearance, patching } from "../mutators.ts";
import type { Mutation } from "./mutation.ts";

const policies = { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication" };
const isMeshWide = ({ metadata }: KubeObject) => metadata.namespace === "istio-system";

/** What breaks a policy for the whole mesh. */
export const meshWideMutations: readonly Mutation[] = [
  {
    name: "mesh-wide-permissive-instead-of-strict",
    sentence: "A mesh-wide STRICT becomes PERMISSIVE.",
    kills: {
      "strict/mesh-wide": /outsider → .* is reset by the server's proxy.* but it ended as `answered`/,
      "scenarios/strict-mtls": /outsider → .* is reset by the server's proxy.* but it ended as `answered`/,
    },
    start: patching(policies, isMeshWide, { spec: { mtls: { mode: "PERMISSIVE" } } }),
  },
  {
    name: "mesh-wide-strict-never-lifted",
    sentence: "A second STRICT policy outlives the mesh-wide one.",
    kills: { "strict/mesh-wide": /outsider → .* is answered with 200 in plaintext.* but .* ended as `reset`/ },
    start: onAppearance(policies, isMeshWide, async (_policy, kube) => {
      const namespaces = await kube.list({ apiVersion: "v1", kind: "Namespace" });
      const own = namespaces
        .map(({ metadata }) => metadata.name)
        .filter((name) => name.startsWith(namespacePrefix("strict/mesh-wide")));
      const leftover = (namespace: string) => ({
        ...policies,
        metadata: { name: "vmesh-mutation", namespace },
        spec: { mtls: { mode: "STRICT" } },
      });
      await kube.apply(own.map(leftover));
    }),
  },
];
