import { expect, test } from "vitest";
import { starlingxSettings } from "./settings.ts";

test("Without any setting everything is as the guide has it, on this machine.", () => {
  expect(starlingxSettings.parse({})).toEqual({
    folder: "/usr/local/share/application/helm",
    namespace: "vmesh-starlingx",
  });
});

test("A controller needs its keys; its user and credentials are StarlingX's own unless given.", () => {
  const controller = { address: "192.0.2.1", identityFile: "/keys/id", knownHostsFile: "/keys/known_hosts" };
  expect(starlingxSettings.parse({ controller }).controller).toEqual({
    ...controller,
    user: "sysadmin",
    openrc: "/etc/platform/openrc",
  });
});

test.each([
  { name: "a relative folder", settings: { folder: "helm" }, says: "expected an absolute path" },
  { name: "a tarball that is none", settings: { tarball: "istio.zip" }, says: "a .tgz or .tar.gz file" },
  { name: "a namespace that is none", settings: { namespace: "My_App" }, says: "the name of a namespace" },
  { name: "an unknown key", settings: { tarbal: "istio-1.tgz" }, says: "tarbal" },
  { name: "a controller without a key", settings: { controller: { address: "192.0.2.1" } }, says: "identityFile" },
])("$name is not taken.", ({ settings, says }) => {
  expect(JSON.stringify(starlingxSettings.safeParse(settings).error?.issues)).toContain(says);
});
