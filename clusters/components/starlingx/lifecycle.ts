import { environmentError } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import { scaled, timeouts } from "../../../lib/timeouts.ts";
import { eventually, WaitError } from "../../../lib/wait.ts";
import { type Application, parseApplicationList } from "./application-table.ts";
import type { Controller } from "./controller.ts";
import { isAbortable, isPassing, stateError } from "./states.ts";

/** How long each step of an application may take, in milliseconds. */
export interface Pace {
  command: number;
  upload: number;
  apply: number;
  remove: number;
  poll: number;
}

/** What was there before vmesh came, and is to be there again afterwards. */
export type ApplicationBefore = "missing" | "uploaded" | "applied";

/** The life of one application, as `system` leads it. */
export interface Lifecycle {
  /** The application as StarlingX lists it; `undefined` if it does not. */
  find(signal?: AbortSignal): Promise<Application | undefined>;
  /** Uploads the tarball and waits for `uploaded`. Throws an environment error with state and progress otherwise. */
  upload(tarball: string, signal: AbortSignal): Promise<Application>;
  /** Applies it and waits for `applied`. Throws an environment error with state and progress otherwise. */
  apply(signal: AbortSignal): Promise<Application>;
  /**
   * Takes the application back to what it was, whatever state it is in: aborts, removes, deletes. Returns the error of a
   * removal that had to be forced. Throws an environment error that says in which state it is left, if it is.
   */
  takeBack(before: ApplicationBefore): Promise<Error | undefined>;
}

export function paceOf(timeScale: number): Pace {
  return {
    command: scaled(timeouts.starlingxCommand, timeScale),
    upload: scaled(timeouts.starlingxUpload, timeScale),
    apply: scaled(timeouts.starlingxApply, timeScale),
    remove: scaled(timeouts.starlingxRemove, timeScale),
    poll: timeouts.starlingxPoll,
  };
}

/** Commands of one application on a controller. */
export function lifecycleOf(name: string, controller: Controller, { pace, log }: { pace: Pace; log: Log }): Lifecycle {
  const system = (args: readonly string[], signal?: AbortSignal) =>
    controller.system(args, { timeoutMs: pace.command, signal });

  const find = async (signal?: AbortSignal) => {
    // A terminal's width would wrap the cells.
    const table = await system(["application-list", "--nowrap"], signal);
    return parseApplicationList(table).find((application) => application.name === name);
  };

  /** The application once sysinv is no longer at work on it. */
  const settled = async (wanted: string, budgetMs: number, signal?: AbortSignal) => {
    let last: Application | undefined;
    const what = `StarlingX is done with the application \`${name}\``;
    try {
      return await eventually({ what, budgetMs, intervalMs: pace.poll, signal }, async (inner) => {
        const found = await find(inner);
        if (!found || !isPassing(found.status)) return found;
        if (found.progress !== last?.progress) log.info(`application ${name} is ${found.status}: ${found.progress}`);
        last = found;
        throw new Error(`it is \`${found.status}\`: ${found.progress}`);
      });
    } catch (error) {
      if (!(error instanceof WaitError)) throw error;
      // Not even one answer came in time: what it is now says more than that.
      const now = last ?? (await find(signal));
      throw stateError(name, now, wanted, { seconds: budgetMs / 1000, cause: error });
    }
  };
  const becomes = async (wanted: string, budgetMs: number, signal?: AbortSignal) => {
    const found = await settled(wanted, budgetMs, signal);
    if (found?.status === wanted) return found;
    throw stateError(name, found, wanted);
  };

  const abort = async () => {
    try {
      await system(["application-abort", name]);
    } catch (error) {
      // It may have ended by itself meanwhile.
      const now = await find();
      if (now && isAbortable(now.status)) throw error;
    }
  };
  /** Ends with the application `uploaded`. Returns the error of a removal that had to be forced. */
  const remove = async (): Promise<Error | undefined> => {
    await system(["application-remove", name]);
    const removed = await settled("uploaded", pace.remove);
    if (removed?.status === "uploaded") return undefined;
    if (removed?.status !== "remove-failed") throw stateError(name, removed, "uploaded");
    log.warn(`application ${name} cannot be removed, which is forced now: ${removed.progress}`);
    await system(["application-remove", "--force", name]);
    const { progress } = await becomes("uploaded", pace.remove);
    return environmentError(`StarlingX could not remove the application \`${name}\`, so its removal was forced.`, {
      evidence: `before: ${removed.progress}\nnow: ${progress}`,
      hint: "look with `kubectl get helmreleases -A` and `helm list -A` for what is left of it",
    });
  };

  return {
    find,
    async upload(tarball, signal) {
      await system(["application-upload", tarball], signal);
      return becomes("uploaded", pace.upload, signal);
    },
    async apply(signal) {
      await system(["application-apply", name], signal);
      return becomes("applied", pace.apply, signal);
    },
    async takeBack(before) {
      if (before === "applied") return undefined;
      const now = await find();
      if (now && isAbortable(now.status)) await abort();
      const rest = await settled("uploaded", pace.remove);
      if (!rest) return undefined;
      const removable = ["applied", "apply-failed", "remove-failed"].includes(rest.status);
      const forced = removable ? await remove() : undefined;
      if (before === "missing") {
        await system(["application-delete", name]);
        const left = await find();
        if (left) throw stateError(name, left, "deleted");
      }
      return forced;
    },
  };
}
