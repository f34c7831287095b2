import { isAbsolute } from "node:path";
import { z } from "zod";

const absolute = z.string().refine(isAbsolute, "expected an absolute path");

/** The `starlingx` part of a provider's section: Istio comes as StarlingX's own application. */
export const starlingxSettings = z.strictObject({
  /** Where StarlingX keeps the tarballs of its applications, on the controller. */
  folder: absolute.default("/usr/local/share/application/helm"),
  /** One tarball by its path or its name in `folder`; not needed where there is only one of Istio. */
  tarball: z
    .string()
    .regex(/\.(tgz|tar\.gz)$/, "expected the name of a .tgz or .tar.gz file")
    .optional(),
  /** Namespace of the application that joins the mesh; it is made, and removed again, where there is none. */
  namespace: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "expected the name of a namespace")
    .default("vmesh-starlingx"),
  /** Whether the application brings istio-operator; where it is not given, the namespace `istio-operator` tells. */
  operator: z.boolean().optional(),
  /** The active controller, reached through SSH; without it `system` runs on this machine. */
  controller: z
    .strictObject({
      address: z.string().min(1),
      user: z.string().min(1).default("sysadmin"),
      identityFile: absolute,
      knownHostsFile: absolute,
      /** What gives `system` the credentials of keystone_admin there. */
      openrc: absolute.default("/etc/platform/openrc"),
    })
    .optional(),
});
export type StarlingxSettings = z.infer<typeof starlingxSettings>;
