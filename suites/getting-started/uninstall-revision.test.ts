import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "A second revision and its tag are gone with their webhooks once removed, and the first one's are untouched.",
    profile: "extended",
    tags: ["install"],
    source: "istio-getting-started",
    rows: ["G14"],
    needs: ["istio", "cluster-admin"],
    // A second istiod for as long as the check runs.
    serial: true,
  },
  async ({ istioctl, kube, eventually, afterwards }) => {
    const [revision, tag] = ["vmesh-second", "vmesh-tag"];
    const done = async (args: readonly string[]) => {
      const { stdout, stderr, exitCode } = await istioctl(args, { installs: true });
      expect(exitCode, `istioctl ${args[0]} ${args[1]}: ${stdout}${stderr}`).toBe(0);
      return stdout;
    };
    const kinds = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
    const webhooks = async (labelSelector: string) => {
      const lists = kinds.map((kind) =>
        kube.list({ apiVersion: "admissionregistration.k8s.io/v1", kind, labelSelector }),
      );
      const found = (await Promise.all(lists)).flat();
      return found
        .map(({ metadata }) => `${metadata.name} ${metadata.uid} ${String(metadata["generation"])}`)
        .toSorted();
    };
    const names = async () => (await webhooks(`istio.io/rev=${revision}`)).map((line) => line.split(" ")[0]);
    const istiods = async () => {
      const query = { apiVersion: "apps/v1", kind: "Deployment", namespace: "istio-system" };
      return kube.list({ ...query, labelSelector: "app=istiod" });
    };
    const before = await webhooks("istio.io/rev");
    const [first, ...more] = await istiods();
    type Spec = { template: { spec: { containers: { image: string }[] } } };
    const image = (first?.["spec"] as Spec | undefined)?.template.spec.containers[0]?.image ?? "";
    const [, hub = "", version = ""] = /^(.+)\/pilot:([^/:]+)$/.exec(image) ?? [];
    expect(more, "further istiods").toEqual([]);
    expect(hub, `the place of the image \`${image}\``).not.toBe("");

    const uninstall = ["uninstall", "--revision", revision, "--skip-confirmation"];
    const removed = async () => {
      // An error where it is gone already, as it should be.
      await istioctl(["tag", "remove", tag, "--skip-confirmation"]);
      await istioctl(uninstall, { installs: true });
      expect(await istiods()).toHaveLength(1);
    };
    afterwards("there is one istiod again", removed, { withinMs: 300_000 });
    const values = {
      profile: "minimal",
      // What all revisions share: it would be labelled as the second one's, and stay so.
      "components.base.enabled": "false",
      revision,
      hub,
      tag: version,
      "values.pilot.resources.requests.cpu": "10m",
    };
    const settings = Object.entries(values).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
    await done(["install", "--skip-confirmation", ...settings]);
    await done(["tag", "set", tag, "--revision", revision]);
    expect(await names(), "webhooks of the revision").toEqual(
      expect.arrayContaining([`istio-sidecar-injector-${revision}`, `istio-revision-tag-${tag}`]),
    );
    expect(await done(["tag", "list"]), "the tags").toMatch(new RegExp(`^${tag}\\s+${revision}\\b`, "m"));

    await done(["tag", "remove", tag, "--skip-confirmation"]);
    expect(await names(), "webhooks once the tag is removed").not.toContain(`istio-revision-tag-${tag}`);
    await done(uninstall);
    // istioctl deletes in the foreground: what it deleted stays until what that owns has gone.
    await eventually("the revision's webhooks are gone", async () => expect(await names()).toEqual([]));
    await eventually("there is one istiod again", async () => expect(await istiods()).toHaveLength(1));
    expect(await webhooks("istio.io/rev"), "all others, by uid and generation").toEqual(before);
  },
);
