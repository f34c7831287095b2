import {
  check,
  expect,
  externalIpOf,
  istiodOf,
  mesh,
  meshOf,
  workloadFileNames,
  workloadFiles,
} from "../../lib/test.ts";

check(
  {
    title: "For a VM istioctl writes five files, with the gateway's address for the name of the revisioned istiod.",
    profile: "core",
    tags: ["vm", "onboarding"],
    source: "istio-vms-k3s-multipass",
    rows: ["X1", "X3"],
    needs: ["external-vm", "eastwest-gateway"],
  },
  async ({ apply, externalVm, environment, kube, namespace, signal }) => {
    await apply({ network: mesh.networks.vm });
    const vm = await externalVm();
    const facts = meshOf(environment);
    const { kubeconfig, tools } = environment;
    const group = { name: "new-app", namespace };
    const where = { istioctl: tools.istioctl, kubeconfig, group, address: await vm.address(), facts, signal };
    const files = await workloadFiles(where);
    for (const name of workloadFileNames) expect(files[name].trim(), name).not.toBe("");

    const gateway = {
      apiVersion: "v1",
      kind: "Service",
      name: mesh.gateway.service,
      namespace: mesh.gateway.namespace,
    };
    const address = externalIpOf(await kube.get(gateway));
    const istiod = `${istiodOf(environment)}.istio-system.svc`;
    expect(files.hosts.trim()).toBe(`${address} ${istiod}`);
    // istioctl does not look up the gateway's port: the harness writes it, and the source did. Without a revision the
    // agent knows the address by itself.
    const authority = facts.revision === "default" ? "" : `CA_ADDR='${istiod}:15012'`;
    expect(files["cluster.env"].match(/^CA_ADDR=.*$/m)?.[0] ?? "").toBe(authority);
    const corrected = await vm.sh("grep -E '^(CA_ADDR|PILOT_ADDRESS)=' /var/lib/istio/envoy/cluster.env | tail -n 2");
    const atGateway = `'${istiod}:${mesh.gateway.ports.istiod}'`;
    expect(corrected.trim(), "on the VM").toBe(`CA_ADDR=${atGateway}\nPILOT_ADDRESS=${atGateway}`);
    expect(files["cluster.env"]).toContain(`ISTIO_META_AUTO_REGISTER_GROUP='new-app'`);
    expect(files["cluster.env"]).toContain(`ISTIO_META_NETWORK='${mesh.networks.vm}'`);
    expect(files["root-cert.pem"]).toMatch(/^-----BEGIN CERTIFICATE-----/);
  },
);
