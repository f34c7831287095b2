import { parse } from "yaml";
import { z } from "zod";
import { environmentError } from "../../lib/errors.ts";
import { revisionOf } from "../../lib/mesh.ts";
import type { Target } from "./component.ts";
import { meshConfigText } from "./mesh-config.ts";

/** The name by which Telemetry resources mean Jaeger, in Istio's documentation and in what vmesh installs. */
export const tracingProvider = "jaeger";

const meshConfig = z.looseObject({
  extensionProviders: z.array(z.looseObject({ name: z.string() })).default([]),
});

/** Why proxies of this mesh cannot be told to send spans to Jaeger; undefined where they can. */
export async function whyNoTracing({ kube, access }: Pick<Target, "kube" | "access">): Promise<string | undefined> {
  if (!(await kube.serves("telemetry.istio.io/v1", "Telemetry"))) {
    return "this Istio does not serve Telemetry of telemetry.istio.io/v1, by which checks ask for spans";
  }
  const read = meshConfig.safeParse(parse(await meshConfigText(kube, revisionOf(access))) ?? {});
  if (!read.success) {
    throw environmentError("What istiod reads as its mesh configuration is none.", {
      evidence: z.prettifyError(read.error),
    });
  }
  const names = read.data.extensionProviders.map((provider) => provider.name);
  if (names.includes(tracingProvider)) return undefined;
  return `the mesh's configuration has no extension provider \`${tracingProvider}\`, it has: ${names.join(", ") || "none"}`;
}
