import type { KubeObject } from "../../lib/kube.ts";
import { serviceProxy } from "../../lib/telemetry/service-proxy.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { addon } from "./addon.ts";

const isDefault = "storageclass.kubernetes.io/is-default-class";

/** Loki, where Istio's access logs can be sent. Ready when it says that it takes logs and queries. */
export const loki = addon({
  name: "loki",
  workload: "StatefulSet",
  capability: "loki",
  needs: ["istio"],
  async obstacle({ kube }) {
    const classes = await kube.list({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass" });
    const found = classes.some(({ metadata }: KubeObject) => metadata.annotations?.[isDefault] === "true");
    return found ? undefined : "the cluster has no default StorageClass, which the volume of Istio's Loki sample needs";
  },
  async probe({ kube }, signal) {
    const what = "Loki is ready to take logs and queries";
    await eventually({ what, budgetMs: timeouts.componentReady, signal }, async (inner) => {
      const answer = await kube.raw(`${serviceProxy("loki", 3100)}/ready`, { signal: inner });
      if (answer.trim() !== "ready") throw new Error(`it says ${JSON.stringify(answer.slice(0, 200))}`);
    });
  },
});
