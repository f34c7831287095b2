import type { ClusterProvider } from "./provider.ts";

/** Every provider by name; the file is loaded only when it is chosen. */
export const providers = {
  kubeconfig: async () => (await import("./kubeconfig/kubeconfig.ts")).kubeconfig,
  lab: async () => (await import("./lab/lab.ts")).lab,
} as const satisfies Record<string, () => Promise<ClusterProvider>>;

export type ProviderName = keyof typeof providers;
