import type { Environment } from "../environment.ts";
import { proxyStatus } from "../proxy.ts";
import type { Bundle } from "./bundle.ts";

/** Writes a line for each proxy of these namespaces that istiod knows: whether it has taken what istiod sent. */
export async function collectProxyStatus(
  bundle: Bundle,
  environment: Pick<Environment, "tools" | "kubeconfig" | "timeScale">,
  namespaces: readonly string[],
): Promise<void> {
  await bundle.collect("proxy-status", async (signal) => {
    const proxies = Object.entries(await proxyStatus(environment, signal));
    const ours = proxies.filter(([id]) => namespaces.includes(id.split(".").at(-1) ?? ""));
    const lines = ours.map(([id, types]) => {
      const states = Object.entries(types).map(([type, state]) => `${type} ${state}`);
      return `${id} ${states.join(", ")}\n`;
    });
    const none = `istiod knows no proxy of ${namespaces.join(", ")}\n`;
    await bundle.write("proxy-status.txt", lines.toSorted().join("") || none);
  });
}
