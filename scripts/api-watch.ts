import { timeouts } from "../lib/timeouts.ts";
import { deadline, eventually, untilAborted } from "../lib/wait.ts";

/**
 * What is called whenever a check ended in an error: one look at a time whether the API server still answers. `stop`
 * hears why not, at most once, so that not every check that is left waits for it.
 */
export function apiWatch(
  probe: () => Promise<unknown>,
  stop: (reason: string) => void,
  { probeMs, goneMs }: { probeMs: number; goneMs: number } = { probeMs: timeouts.apiProbe, goneMs: timeouts.apiGone },
): () => Promise<void> {
  let looking: Promise<void> | undefined;
  let stopped = false;
  const look = async () => {
    const what = "the API server answers";
    try {
      await eventually({ what, budgetMs: goneMs }, () => untilAborted(deadline(probeMs), probe));
    } catch {
      stopped = true;
      stop(`the API server has not answered for ${goneMs / 1000} s`);
    } finally {
      looking = undefined;
    }
  };
  return async () => {
    if (!stopped) await (looking ??= look());
  };
}
