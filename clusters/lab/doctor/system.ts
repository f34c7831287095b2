import { fine, type Judgement, limited, missing } from "../../finding.ts";

/** The lab's programs are built for one system alone. */
export function judgeSystem(platform: string, architecture: string): Judgement {
  const detail = `${platform} on ${architecture}`;
  if (platform === "linux" && architecture === "x64") return fine("system", detail);
  const mend = "run the lab on a Linux machine with x86-64, or use another provider with --provider";
  return missing("system", `${detail}, expected linux on x64`, mend);
}

/** Judges the processors this process may use and the load of the last minute, as `uptime` shows it. */
export function judgeProcessors({ count, load }: { count: number; load: number }): Judgement {
  const detail = `${count}, with a load of ${load.toFixed(1)}`;
  if (count < expectedProcessors) {
    const cost = "a build takes twice as long, and limits of waits may be too short";
    return limited("processors", `${detail}, expected ${expectedProcessors}: ${cost}`, "give this machine another one");
  }
  if (load > 2 * count) {
    const cost = "other work takes turns with it, and limits of waits may be too short";
    return limited("processors", `${detail}, expected less than ${2 * count}: ${cost}`, "wait for the other work");
  }
  return fine("processors", detail);
}

/** All durations of the project were measured on as many. */
const expectedProcessors = 2;
