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
if (positionals.includes("get")) {
  // What the scripts of 2021 wait for; they call it as any other kubectl of this machine.
  if (positionals.includes("istiooperator")) process.stdout.write("HEALTHY");
  process.exit();
}
const path = process.env["KUBECONFIG"] ?? "";
const config = load();
if (command !== "config" || action !== "set-cluster") complain(`unknown command "${positionals.join(" ")}"`);
// Whatever the cluster of the kubeconfig is called: that of a node is always `kubernetes`.
const [{ cluster }] = config.clusters ?? [];
// The double's API server may speak plain HTTP.
if (typeof values["server"] === "string")
  cluster.server = values["server"].replace(/^https?:/, new URL(cluster.server).protocol);
if (values["insecure-skip-tls-verify"] === "true") {
  cluster["insecure-skip-tls-verify"] = true;
  delete cluster["certificate-authority-data"];
}
writeFileSync(path, stringify(config));
process.stdout.write(`Cluster "${name}" set.\n`);

/** An empty file is no mistake to the real one: it makes a cluster without anybody who may use it. */
function load() {
  const text = readFileSync(path, "utf8");
  if (text === "") return { apiVersion: "v1", kind: "Config", clusters: [{ name, cluster: { server: "https://x" } }] };
  try {
    const config = parse(text);
    if (Array.isArray(config.clusters)) return config;
  } catch {
    // Said below, as of a file that can be read and is something else.
  }
  return complain(`error loading config file "${path}": couldn't get version/kind; json parse error`);
}

function complain(text: string): never {
  process.stderr.write(`error: ${text}\n`);
  process.exit(1);
}
