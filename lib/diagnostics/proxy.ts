import type { ProxyAccess } from "../proxy.ts";
import type { Bundle } from "./bundle.ts";
import { certificateLines, clusterLines, listenerLines, statLines, statsFilter } from "./envoy-pages.ts";

/**
 * What Envoy is asked: file to page and what is read from it. Only lines of ours and of a known form are written; the
 * dump of its configuration, which holds keys, is never asked for.
 */
const pages = {
  "proxy-clusters.txt": { path: "/clusters", read: clusterLines },
  "proxy-listeners.txt": { path: "/listeners", read: listenerLines },
  "proxy-stats.txt": { path: `/stats?usedonly&filter=${encodeURIComponent(statsFilter)}`, read: statLines },
  "proxy-certificates.txt": { path: "/certs", read: certificateLines },
};

/** Writes what the proxy `where` says of itself, one question at a time where `inTurn`. */
export async function collectProxy(
  bundle: Bundle,
  where: string,
  access: (signal: AbortSignal) => ProxyAccess,
  { inTurn = false } = {},
): Promise<void> {
  const questions = Object.entries(pages).map(([file, { path, read }]) => async () => {
    await bundle.collect(`\`${path.replace(/\?.*/, "")}\` of the proxy of ${where}`, async (signal) => {
      const lines = read(await access(signal).get(path));
      await bundle.write(`${where}/${file}`, lines.map((line) => `${line}\n`).join(""), "first");
    });
  });
  if (!inTurn) await Promise.all(questions.map((ask) => ask()));
  else for (const ask of questions) await ask();
}
