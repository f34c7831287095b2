import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";
import { ownSecrets } from "./own-secrets.ts";

async function secretsWith(user: object, files: Record<string, string> = {}) {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const kubeconfig = join(folder, "kubeconfig");
  await writeFile(kubeconfig, JSON.stringify({ users: [{ name: "u", user }] }));
  const machine = { name: "vm", address: "", user: "", identityFile: join(folder, "identity"), knownHostsFile: "" };
  return ownSecrets({ kubeconfig, machines: "identity" in files ? { vm: machine } : {} });
}

test.for([
  ["a token", { token: "a-long-token" }, {}, ["a-long-token"]],
  ["a key", { "client-key-data": "YSBsb25nIGtleQ==" }, {}, ["YSBsb25nIGtleQ==", "a long key"]],
  [
    "files",
    { "client-key": "key", tokenFile: "token" },
    { key: "the key itself", token: "the token itself" },
    ["the token itself", "the key itself"],
  ],
  [
    "a program's variables",
    {
      exec: {
        env: [
          { name: "A", value: "a-long-value" },
          { name: "B", value: "true" },
        ],
      },
    },
    {},
    ["a-long-value"],
  ],
  ["a machine's key", {}, { identity: "an SSH key" }, ["an SSH key"]],
  ["nothing", {}, {}, []],
] as const)("The harness gets in with %s.", async ([, user, files, expected]) => {
  expect(await secretsWith(user, files)).toEqual(expected);
});

test("A file that is not there is an error that names it.", async () => {
  await expect(secretsWith({ tokenFile: "nowhere" })).rejects.toThrow(/nowhere`, which holds a secret to be masked/);
});
