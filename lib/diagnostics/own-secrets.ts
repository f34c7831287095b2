import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { Environment } from "../environment.ts";
import { environmentError } from "../errors.ts";
import type { Bundle } from "./bundle.ts";

const userSchema = z.looseObject({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  password: z.string().optional(),
  "client-key-data": z.string().optional(),
  "client-key": z.string().optional(),
  "auth-provider": z.looseObject({ config: z.record(z.string(), z.string()).default({}) }).optional(),
  exec: z.looseObject({ env: z.array(z.object({ value: z.string() })).nullish() }).optional(),
});
const kubeconfigSchema = z.looseObject({ users: z.array(z.looseObject({ user: userSchema.nullish() })).default([]) });

/** The files that hold what the harness gets in with. */
export type Access = Pick<Environment, "kubeconfig" | "machines">;

/** Hides from the bundle what the harness gets in with: before anything is written. */
export async function hideOwnSecrets(bundle: Bundle, access: Access): Promise<void> {
  bundle.hide((await bundle.collect("secrets of the harness", () => ownSecrets(access))) ?? []);
}

/**
 * What the harness itself gets in with: the secrets of all users of the kubeconfig, and the keys of the machines.
 * Throws an environment error if one of the files cannot be read.
 */
export async function ownSecrets({ kubeconfig, machines }: Access): Promise<string[]> {
  const result = kubeconfigSchema.safeParse(parse(await read(kubeconfig)));
  if (!result.success) {
    throw environmentError(`\`${kubeconfig}\` is no kubeconfig.`, { evidence: z.prettifyError(result.error) });
  }
  const users = result.data.users.flatMap(({ user }) => (user ? [user] : []));
  const values = users.flatMap((user) => [
    user.token,
    user.password,
    user["client-key-data"],
    Buffer.from(user["client-key-data"] ?? "", "base64").toString("utf8"),
    ...Object.values(user["auth-provider"]?.config ?? {}),
    ...(user.exec?.env ?? []).map(({ value }) => value),
  ]);
  const files = [
    ...users.flatMap((user) => [user.tokenFile, user["client-key"]]),
    ...Object.values(machines).map((machine) => machine.identityFile),
  ];
  const named = files.filter((file) => file !== undefined).map((file) => read(resolve(dirname(kubeconfig), file)));
  // Shorter values of a kubeconfig are settings, `true` say.
  return [...values, ...(await Promise.all(named))].flatMap((value) => (value && value.length >= 8 ? [value] : []));
}

async function read(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw environmentError(`\`${path}\`, which holds a secret to be masked, cannot be read.`, { cause });
  });
}
