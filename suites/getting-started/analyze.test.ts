import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "`istioctl analyze` finds a Gateway that does not exist and two VirtualServices for one host, and else nothing.",
    profile: "core",
    tags: ["gateway", "routing", "analysis"],
    source: "istio-getting-started",
    rows: ["G8"],
    // It reads all Secrets of the cluster.
    needs: ["istio", "ingress-gateway", "cluster-admin"],
  },
  async ({ apply, applyStep, pod, istioctl, namespace }) => {
    await apply();
    await pod("server");
    const analysis = async () => {
      const { stdout, stderr, exitCode } = await istioctl(["analyze", "--namespace", namespace]);
      return { text: `${stdout}\n${stderr}`, exitCode };
    };
    const isClean = async (when: string) => {
      const { text, exitCode } = await analysis();
      expect(text.split("\n").filter(isOurs), when).toEqual([]);
      expect(exitCode, `exit code of an analysis ${when}`).toBe(0);
    };
    // It also warns of rules of other checks, which have no effect at this one's gateway.
    const isOurs = (line: string) =>
      /\[IST\d+\]/.test(line) && [...line.matchAll(/\b(vmesh-[\w-]+)\//g)].every(([, name]) => name === namespace);
    const finds = async (step: string, message: RegExp) => {
      const mend = await applyStep(step);
      const { text, exitCode } = await analysis();
      expect(text, `the analysis of ${step}`).toMatch(message);
      // Istio's own, for findings of the level of an error.
      expect(exitCode, `exit code of the analysis of ${step}`).toBe(79);
      await mend();
    };

    await isClean("of what is right");
    await finds("a-missing-gateway", /Error \[IST0101\] \(VirtualService \S+\) .*"no-such-gateway"/);
    await isClean("once the VirtualService without a Gateway is gone");
    await finds("a-conflict", /Error \[IST0109\] \(VirtualService \S+\) .* define the same host/);
    await isClean("once the second VirtualService is gone");
  },
);
