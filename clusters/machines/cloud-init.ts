import { stringify } from "yaml";
import type { MachineKeys } from "./credentials.ts";

/**
 * cloud-init's user-data for a machine that is reached as root by a key of its own. Nothing is installed here: the
 * shorter cloud-init takes, the fewer launches end in Multipass' limit for it.
 */
export function userDataOf({ hostname, keys }: { hostname: string; keys?: MachineKeys }): string {
  const access = keys && {
    disable_root: false,
    // For root and for the image's own user, to which Multipass adds its key.
    ssh_authorized_keys: [keys.authorizedKey.trim()],
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: keys.hostKey.private, ed25519_public: keys.hostKey.public.trim() },
  };
  const data = {
    hostname,
    preserve_hostname: false,
    prefer_fqdn_over_hostname: false,
    // Else each boot writes `/etc/hosts` anew, without the names that the machine was told since.
    manage_etc_hosts: false,
    package_update: false,
    package_upgrade: false,
    ...access,
  };
  return `#cloud-config\n${stringify(data)}`;
}
