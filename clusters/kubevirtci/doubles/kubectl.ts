import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parse, stringify } from "yaml";

/**
 * As much of kubectl as kubevirtci's scripts use on this side of the nodes: `config set-cluster NAME --server=URL` and
 * `--insecure-skip-tls-verify=true`, on the file that KUBECONFIG names, and `get` without an API server.
 */
const { values, positionals } = parseArgs({
  options: { server: { type: "string" }, "insecure-skip-tls-verify": { type: "string" } },
  allowPositionals: true,
  strict: false,
});
const [command, action, name = ""] = positionals;
if (command === "get") {
  // What the scripts of 2021 wait for; they call it as any other kubectl of this machine.
  if (action === "istiooperator") process.stdout.write("HEALTHY");
  process.exit();
}
const path = process.env["KUBECONFIG"] ?? "";
const config = parse(readFileSync(path, "utf8"));
if (command !== "config" || action !== "set-cluster" || !Array.isArray(config?.clusters)) {
  process.stderr.write(`error: the double of kubectl cannot do \`${positionals.join(" ")}\` with ${path}\n`);
  process.exit(1);
}
// Whatever the cluster of the kubeconfig is called: that of a node is always `kubernetes`.
const [{ cluster }] = config.clusters;
// The double's API server may speak plain HTTP.
if (typeof values["server"] === "string") cluster.server = values["server"].replace(/^https?:/, new URL(cluster.server).protocol);
if (values["insecure-skip-tls-verify"] === "true") {
  cluster["insecure-skip-tls-verify"] = true;
  delete cluster["certificate-authority-data"];
}
writeFileSync(path, stringify(config));
process.stdout.write(`Cluster "${name}" set.\n`);
