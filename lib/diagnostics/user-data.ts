import { z } from "zod";
import type { KubeObject } from "../kube.ts";

const cloudInit = z.looseObject({
  userData: z.string().optional(),
  userDataBase64: z.string().optional(),
  networkData: z.string().optional(),
  networkDataBase64: z.string().optional(),
});
const guestSchema = z.looseObject({
  metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).optional() }),
  spec: z.looseObject({
    volumes: z
      .array(z.looseObject({ cloudInitNoCloud: cloudInit.optional(), cloudInitConfigDrive: cloudInit.optional() }))
      .default([]),
  }),
});

/** What a guest was told at its start, in plain text. Throws if the object is no VMI. */
export function userDataOf(vmi: KubeObject): string[] {
  const { metadata, spec } = guestSchema.parse(vmi);
  const sources = spec.volumes.flatMap(({ cloudInitNoCloud, cloudInitConfigDrive }) => [
    ...(cloudInitNoCloud ? [cloudInitNoCloud] : []),
    ...(cloudInitConfigDrive ? [cloudInitConfigDrive] : []),
  ]);
  const plain = sources.flatMap(({ userData, networkData }) => [userData, networkData]);
  const encoded = sources.flatMap(({ userDataBase64, networkDataBase64 }) => [userDataBase64, networkDataBase64]);
  const ignition = metadata.annotations?.["kubevirt.io/ignitiondata"];
  return [...plain, ...encoded.map(decoded), ignition].flatMap((text) => (text ? [text] : []));
}

/** Whether something that a guest can read, and print, is in a Secret, and so cannot be masked. */
export function readsSecrets(vmi: KubeObject): boolean {
  const { volumes = [], accessCredentials = [] } = vmi["spec"] as { volumes?: object[]; accessCredentials?: object[] };
  const names = /^(secret|secretRef|userDataSecretRef|networkDataSecretRef|sysprep)$/;
  const holds = (value: unknown): boolean =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(value).some(([name, inner]) => names.test(name) || holds(inner));
  return accessCredentials.length > 0 || volumes.some(holds);
}

/**
 * What of user-data must not be shown: its lines, and of its words what is long, mixes letters and digits, or follows a
 * name like `password`. Addresses and paths, flags and short words stand in other texts as well.
 */
export function secretsIn(userData: string): string[] {
  const lines = userData.split("\n").map((line) => line.trim());
  const words = userData.split(/[\s"'`,;|&<>(){}[\]]+/);
  const values = words.flatMap((word) => [word, ...word.split(/[=:]/)]);
  const named = [
    ...userData.matchAll(/(?:pass\w{0,10}|secret|token|key)["']?\s{0,8}[:=]\s{0,8}["']?([^\s"',;]{4,})/gi),
  ];
  return [
    ...lines.filter((line) => line.length >= 8 && !line.startsWith("#!") && line !== "#cloud-config"),
    ...values.filter(looksSecret),
    ...named.map((match) => match[1] ?? ""),
  ];
}

function looksSecret(word: string): boolean {
  const isAddress = /^(?:[a-z]+:\/\/[^@]*|\/.*|\.{1,2}\/.*|-.*|[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?)$/.test(word);
  if (word.length < 8 || isAddress) return false;
  return word.length >= 16 || (/\d/.test(word) && /[A-Za-z]/.test(word));
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString("utf8");
}
