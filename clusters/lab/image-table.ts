import type { RootfsName } from "./rootfs.ts";

/** Where the files of an image come from: our own programs, the families of the toolchain, or a maker of their own. */
export const imageSources = [
  "own",
  "kubernetes",
  "istio",
  "kubevirt",
  "jaeger",
  "envoy",
  "sidecar",
  "guest",
  "prometheus",
] as const;
export type ImageSource = (typeof imageSources)[number];

/** A file of an image: taken from a source's folder, or a symbolic link. */
export type ImageFile = { from: ImageSource; file: string } | { link: string };

export interface ImageSpec {
  /** The root file system it starts from; without one, from nothing. */
  base?: RootfsName;
  /** Path in the image to file. The image's folder may add more below its own `root/`. */
  files: Record<string, ImageFile>;
  /** A tag known beforehand, for what is named in a configuration file of the node image. */
  tag?: string;
}

const kubernetesPrograms =
  "kube-apiserver kube-controller-manager kube-proxy kube-scheduler kubeadm kubectl kubelet".split(" ");

const own = (file: string): ImageFile => ({ from: "own", file });
const kubernetes = (file: string): ImageFile => ({ from: "kubernetes", file });
const istio = (file: string): ImageFile => ({ from: "istio", file });

/** KubeVirt's programs, all in /usr/bin. */
function kubevirt(...programs: string[]): Record<string, ImageFile> {
  return Object.fromEntries(programs.map((file) => [`usr/bin/${file}`, { from: "kubevirt", file }]));
}

/** Every image of the lab. Its Dockerfile is `images/<name>/Dockerfile`. */
export const imageTable = {
  "vmesh/node": {
    base: "node",
    files: {
      "usr/bin/kubernetes": kubernetes("kubernetes"),
      ...Object.fromEntries(kubernetesPrograms.map((program) => [`usr/bin/${program}`, { link: "kubernetes" }])),
      "opt/cni/bin/multus": { from: "kubevirt", file: "multus" },
    },
  },
  "vmesh/pause": { tag: "1", files: { pause: own("pause") } },
  "vmesh/workload": { files: { "vmesh-echo": own("vmesh-echo") } },
  "vmesh/bookinfo": { files: { "vmesh-echo": own("vmesh-echo"), "usr/bin/curl": { link: "../../vmesh-echo" } } },
  "vmesh/guest": { files: { "disk/disk.img": { from: "guest", file: "disk.img" } } },
  "vmesh/machine": { base: "launcher", files: {} },
  "vmesh/coredns": { files: { coredns: kubernetes("coredns") } },
  "vmesh/netpol": { base: "net", files: { "usr/local/bin/netpol": kubernetes("netpol") } },
  "vmesh/prometheus": {
    files: {
      "usr/bin/prometheus": { from: "prometheus", file: "prometheus" },
      "lib64/ld-linux-x86-64.so.2": { from: "prometheus", file: "ld-linux-x86-64.so.2" },
      "lib/x86_64-linux-gnu/libc.so.6": { from: "prometheus", file: "libc.so.6" },
    },
  },
  "vmesh/jaeger": { files: { jaeger: { from: "jaeger", file: "jaeger" } } },
  "istio/pilot": { files: { "usr/local/bin/pilot-discovery": istio("pilot-discovery") } },
  "istio/proxyv2": {
    base: "net",
    files: {
      "usr/local/bin/pilot-agent": istio("pilot-agent"),
      "usr/local/bin/envoy": { from: "envoy", file: "envoy" },
      "var/lib/istio/envoy/envoy_bootstrap_tmpl.json": { from: "sidecar", file: "envoy_bootstrap.json" },
    },
  },
  "istio/install-cni": {
    base: "net",
    files: { "usr/local/bin/install-cni": istio("install-cni"), "opt/cni/bin/istio-cni": istio("istio-cni") },
  },
  "kubevirt/virt-operator": { files: kubevirt("virt-operator") },
  "kubevirt/virt-api": { files: kubevirt("virt-api") },
  "kubevirt/virt-controller": { files: kubevirt("virt-controller") },
  "kubevirt/virt-handler": { base: "launcher", files: kubevirt("virt-handler", "virt-chroot", "virt-tail") },
  "kubevirt/virt-launcher": {
    base: "launcher",
    files: {
      ...kubevirt("virt-launcher", "virt-launcher-monitor", "virt-tail", "virt-probe"),
      "usr/bin/container-disk": own("container-disk"),
    },
  },
} as const satisfies Record<string, ImageSpec>;

export type ImageName = keyof typeof imageTable;
export const imageNames = Object.keys(imageTable) as ImageName[];
