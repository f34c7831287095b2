import type { ContainerRef, Kube } from "../kube.ts";
import { scaled, timeouts } from "../timeouts.ts";
import { type Exchange, parseExchange } from "../traffic.ts";
import { eventually } from "../wait.ts";
import { seriesMs } from "./call.ts";
import type { ExchangeRequest } from "./peer.ts";

/** A guest whose user-data calls one URL for ever, as the guests of KubeVirt's blog do, and prints each exchange. */
export interface GuestLoop {
  /** Returns once the guest has printed its first exchange. */
  started(): Promise<void>;
  /** The next `count` exchanges that it prints. */
  next(request: ExchangeRequest, signal: AbortSignal): Promise<Exchange[]>;
}

/** Reads the loop's exchanges from the log that KubeVirt keeps of the serial console. */
export function guestLoop(
  name: string,
  scene: { kube: Kube; log: () => Promise<ContainerRef>; timeScale: number; signal: AbortSignal },
): GuestLoop {
  const { kube, log, timeScale, signal } = scene;
  return {
    async started() {
      const what = `the guest of VMI \`${name}\` sends requests`;
      await eventually({ what, budgetMs: scaled(timeouts.guestConsole, timeScale), signal }, async () => {
        const text = await kube.logs(await log());
        if (answersSince(text, undefined).length > 0) return;
        throw new Error(`its console ends with ${JSON.stringify(text.slice(-200))}`);
      });
    },
    async next(request, inner) {
      const { count = 1 } = request;
      const container = await log();
      const mark = lastTimestamp(await kube.logs({ ...container, tailLines: 1, timestamps: true }));
      const budgetMs = scaled(timeouts.guestConsole, timeScale) + seriesMs({ ...request, count: count + 1 }, timeScale);
      const options = { what: `the guest of VMI \`${name}\` printed ${count} more answers`, budgetMs, signal: inner };
      const exchanges = await eventually(options, async () => {
        const text = await kube.logs({ ...container, timestamps: true, ...(mark && { sinceTime: mark }) });
        // The first answer after the mark may belong to a request that was sent before it.
        const answers = answersSince(text, mark).slice(mark === undefined ? 0 : 1);
        if (answers.length >= count) return answers;
        throw new Error(`it printed ${answers.length}; its console ends with ${JSON.stringify(text.slice(-200))}`);
      });
      return exchanges.slice(0, count);
    },
  };
}

/**
 * The exchanges a guest printed, in a log with timestamps, after the line of time `mark` (all if `undefined`).
 * Lines without an exchange are the guest's other output; a last line without its end is still being printed.
 */
export function answersSince(log: string, mark: string | undefined): Exchange[] {
  const complete = log.slice(0, log.lastIndexOf("\n") + 1).split("\n");
  return complete.flatMap((line) => {
    const { time, text } = splitTimestamp(line);
    const start = text.indexOf('{"outcome"');
    if (start < 0 || (mark !== undefined && time <= mark)) return [];
    const exchange = parseExchange(text.slice(start).trim());
    return [time === "" ? exchange : { ...exchange, loggedAt: Date.parse(time) }];
  });
}

/** Time of a log's last line, as the node's clock had it. */
export function lastTimestamp(log: string): string | undefined {
  const last = log.trimEnd().split("\n").at(-1) ?? "";
  return splitTimestamp(last).time || undefined;
}

function splitTimestamp(line: string): { time: string; text: string } {
  const space = line.indexOf(" ");
  const time = line.slice(0, space);
  return /^\d{4}-\d\d-\d\dT/.test(time) ? { time, text: line.slice(space + 1) } : { time: "", text: line };
}
