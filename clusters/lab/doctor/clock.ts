import { X509Certificate } from "node:crypto";
import { glob, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { run } from "../../../lib/command.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import { fine, type Judgement, limited, missing } from "../../finding.ts";

/** All times are milliseconds since 1970. */
export interface SeenClock {
  now: number;
  /** When the newest of vmesh's own sources was made: it cannot be earlier. */
  sources: number;
  /** When the certificates of authorities that Node.js brings expire: it can hardly be later than most of them. */
  expiries: readonly number[];
  /** Whether it follows a time server; undefined where that cannot be asked. */
  isSynchronized: boolean | undefined;
}

/** A wrong clock makes every certificate look expired or not valid yet: those of registries first. */
export function judgeClock({ now, sources, expiries, isSynchronized }: SeenClock): Judgement {
  const mend = "set it (`date --set`), and let a time server keep it right";
  const detail = time(now);
  if (now < sources - tolerance) {
    return missing("clock", `${detail}, expected a time after ${time(sources)}, when vmesh's sources were made`, mend);
  }
  const expired = expiries.filter((expiry) => expiry < now).length;
  if (2 * expired >= expiries.length) {
    const authorities = `${expired} of the ${expiries.length} authorities that Node.js trusts`;
    return missing("clock", `${detail}, by which the certificates of ${authorities} have expired`, mend);
  }
  if (isSynchronized === false) {
    return limited("clock", `${detail}, and no time server keeps it right`, "`timedatectl set-ntp true`");
  }
  return fine("clock", isSynchronized ? `${detail}, kept right by a time server` : detail);
}

/** Reads the clock and what it can be compared with, all of it on this machine. */
export async function readClock(): Promise<SeenClock> {
  const [sources, isSynchronized] = await Promise.all([newestSource(), askSynchronized()]);
  const expiries = rootCertificates.map((certificate) => Date.parse(new X509Certificate(certificate).validTo));
  return { now: Date.now(), sources, expiries, isSynchronized };
}

/** The latest time in versions of Go modules without a release: `v0.0.0-20260827124520-eed52ebb66ad`. */
export function newestModule(goMod: string): number {
  const stamps = [...goMod.matchAll(/[-.](\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)-[0-9a-f]{12}\b/g)];
  const times = stamps.map(([, year, month, day, hour, minute, second]) =>
    Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`),
  );
  return Math.max(0, ...times);
}

/** A folder that another machine shares may be that much ahead. */
const tolerance = 5 * 60_000;

const lab = join(import.meta.dirname, "..");

/** By the time of the files, and by what they name: this the clock at their check-out cannot have made wrong. */
async function newestSource(): Promise<number> {
  const [files, modules] = await Promise.all(
    ["**/*.ts", "toolchain/*/go.mod"].map((pattern) => Array.fromAsync(glob(pattern, { cwd: lab }))),
  );
  const written = (files ?? []).map(async (file) => (await stat(join(lab, file))).mtimeMs);
  const named = (modules ?? []).map(async (file) => newestModule(await readFile(join(lab, file), "utf8")));
  return Math.max(...(await Promise.all([...written, ...named])));
}

async function askSynchronized(): Promise<boolean | undefined> {
  const options = { timeoutMs: timeouts.hostCommand, allowFailure: true };
  const script = "timedatectl show --property=NTPSynchronized --value";
  const { stdout, exitCode } = await run("sh", ["-c", script], options);
  if (exitCode !== 0) return undefined;
  return { yes: true, no: false }[stdout.trim()];
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}
