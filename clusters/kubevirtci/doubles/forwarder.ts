import { existsSync, watch, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";

/**
 * The process of the double's dnsmasq container: what a published port is in a real engine. It leads a random port of
 * this machine to the API server, and writes the port's number to a file that is there already, with which it ends.
 * `node forwarder.ts PORT_FILE HOST PORT`.
 */
const [portFile = "", host = "", port = ""] = process.argv.slice(2);

const server = createServer((client) => {
  const upstream = connect({ host, port: Number(port) });
  client.on("error", () => upstream.destroy());
  upstream.on("error", () => client.destroy());
  client.pipe(upstream).pipe(client);
});
const endWithFile = () => {
  if (!existsSync(portFile)) process.exit();
};
server.listen(0, "127.0.0.1", () => {
  watch(dirname(portFile), endWithFile);
  endWithFile();
  // Not created again if it is removed just now.
  writeFileSync(portFile, `${(server.address() as AddressInfo).port}\n`, { flag: "r+" });
});
