import type { ClusterProvider } from "./provider.ts";

/** Every provider by name; the file is loaded only when it is chosen. */
export const providers = {
  "k3s-multipass": async () => (await import("./k3s-multipass/k3s-multipass.ts")).k3sMultipass,
  kubeconfig: async () => (await import("./kubeconfig/kubeconfig.ts")).kubeconfig,
  lab: async () => (await import("./lab/lab.ts")).lab,
  kubevirtci: async () => (await import("./kubevirtci/kubevirtci.ts")).kubevirtci,
} as const satisfies Record<string, () => Promise<ClusterProvider>>;

export type ProviderName = keyof typeof providers;
