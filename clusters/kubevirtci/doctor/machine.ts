import { createSocket } from "node:dgram";
import { once } from "node:events";
import { fine, type Judgement, limited, missing } from "../../finding.ts";

/** kubevirtci's node images are of x86-64, and since 2024 of s390x in a slim flavour. */
export function judgeSystem(platform: string, architecture: string): Judgement {
  const detail = `${platform} on ${architecture}`;
  if (platform === "linux" && architecture === "x64") return fine("system", detail);
  if (platform === "linux" && architecture === "s390x") {
    const mend = "name images of the checks that are of s390x in `settings.kubevirtci.images`, or use x86-64";
    return limited("system", `${detail}: only the slim images of kubevirtci are of it`, mend);
  }
  const mend = "use a Linux machine with x86-64, or another provider with --provider";
  return missing("system", `${detail}, expected linux on x64: there are no node images for it`, mend);
}

/** Names of kubevirtci's containers are made of its provider alone, and whoever removes one cluster removes all of it. */
export function judgeNames(provider: string, there: readonly { name: string }[]): Judgement {
  const name = "container names";
  if (there.length === 0) return fine(name, `no container is called \`${provider}-…\``);
  const detail = `a kubevirtci cluster \`${provider}\` is up already: ${there.map((one) => one.name).join(", ")}`;
  return missing(
    name,
    detail,
    "end it with its own `make cluster-down`, or set `settings.kubevirtci.provider` to another",
  );
}

export function judgePort(port: number, problem: string | undefined): Judgement {
  const name = "DNS port";
  if (problem === undefined) return fine(name, `UDP port ${port} is free`);
  const detail = `UDP port ${port} cannot be had: ${problem}`;
  return missing(name, detail, "set `settings.kubevirtci.dnsPort` to a free one");
}

/** Why the port cannot be had, by trying. */
export async function readPort(port: number): Promise<string | undefined> {
  const socket = createSocket("udp4");
  try {
    socket.bind(port);
    await once(socket, "listening");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    socket.close();
  }
}
