import { answered, resetByStrictMtls } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";

check(
  {
    title:
      "Under STRICT a pod outside the mesh is reset by a VMI, on every variant of Service port and interface ports.",
    profile: "core",
    tags: ["strict", "vmi", "mtls"],
    source: "kubevirt-tests",
    rows: ["M1", "M14"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ unmeshed, apply, applyStep, pod, vmi, expectExchange }) => {
    const outside = await unmeshed();
    await apply();
    const [outsider, explicitPorts, noPorts] = await Promise.all([
      pod("outsider", { namespace: outside }),
      vmi("explicit-ports"),
      vmi("no-ports"),
    ]);
    // Straight to the VMIs: their Services declare 8080 and not 8081.
    const [explicit, without] = await Promise.all([explicitPorts.address(), noPorts.address()]);
    const variants = [`${explicit}:8080`, `${explicit}:8081`, `${without}:8080`, `${without}:8081`];
    const everyVariant = (expectation: ReturnType<typeof answered>, times: number) =>
      Promise.all(
        variants.map((address) => expectExchange(outsider, { url: `http://${address}` }, expectation, { times })),
      );

    await everyVariant(answered({ plaintext: true }), 1);
    const relax = await applyStep("strict");
    await everyVariant(resetByStrictMtls(), 3);
    await relax();
    await everyVariant(answered({ plaintext: true }), 1);
  },
);
