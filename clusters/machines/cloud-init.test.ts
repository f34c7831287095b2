import { parse } from "yaml";
import { expect, test } from "vitest";
import { userDataOf } from "./cloud-init.ts";

const keys = {
  identityFile: "identity",
  authorizedKey: "ssh-ed25519 AAAA vmesh\n",
  hostKey: { private: "-----BEGIN\nsecret\n", public: "ssh-ed25519 BBBB host\n" },
  knownHostsFile: "known-hosts",
};

test("A machine of ours has its name, its own key, ours for root, and keeps the names in /etc/hosts.", () => {
  const text = userDataOf({ hostname: "external-vm", keys });
  expect(text.split("\n")[0]).toBe("#cloud-config");
  expect(parse(text)).toMatchObject({
    hostname: "external-vm",
    manage_etc_hosts: false,
    disable_root: false,
    ssh_authorized_keys: ["ssh-ed25519 AAAA vmesh"],
    ssh_keys: { ed25519_private: "-----BEGIN\nsecret\n", ed25519_public: "ssh-ed25519 BBBB host" },
  });
});

test("A node is reached by Multipass alone: it gets no key, and root is left as the image has it.", () => {
  const data = parse(userDataOf({ hostname: "server" }));
  expect(Object.keys(data).filter((key) => /ssh|root|users|packages/.test(key))).toEqual([]);
});
