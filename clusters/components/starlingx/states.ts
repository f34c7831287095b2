import { environmentError } from "../../../lib/errors.ts";
import type { Application } from "./application-table.ts";

const logs = "`/var/log/sysinv.log` and `/var/log/daemon.log` of the controller say more";

/** What sysinv calls the states of an application, and what to do about one that is not the state wanted. */
const states: Record<string, { passing?: true; hint: string }> = {
  missing: { hint: `StarlingX knows the application but has lost it; ${logs}` },
  uploading: { passing: true, hint: `an upload cannot be aborted; ${logs}` },
  uploaded: { hint: "somebody has removed it meanwhile" },
  "upload-failed": { hint: `\`system application-delete\` removes it, so that it can be uploaded again; ${logs}` },
  applying: { passing: true, hint: `\`system application-abort\` ends it; ${logs}` },
  applied: { hint: "`system application-remove` removes it" },
  "apply-failed": { hint: `\`kubectl get helmreleases -A\` shows which chart is not ready; ${logs}` },
  removing: { passing: true, hint: `\`system application-abort\` ends it; ${logs}` },
  "remove-failed": { hint: `\`system application-remove --force\` gives it up; ${logs}` },
  inactive: { hint: "another version of it is the active one" },
  updating: { passing: true, hint: `\`system application-abort\` ends it; ${logs}` },
  recovering: { passing: true, hint: `sysinv tries again by itself what failed, and cannot be stopped; ${logs}` },
  "restore-requested": { hint: "a restore of the platform has to end first" },
  "update-starting": { passing: true, hint: `sysinv is about to update it; ${logs}` },
};

/** Whether sysinv is at work on it, so that it will have another state by itself. */
export function isPassing(status: string): boolean {
  return states[status]?.passing === true;
}

/** What to do about an application in this state. */
export function mendOf(status: string): string {
  return states[status]?.hint ?? `no state that vmesh knows; ${logs}`;
}

/** Whether `application-abort` is taken. */
export function isAbortable(status: string): boolean {
  return ["applying", "updating", "removing"].includes(status);
}

/** The environment error of an application that is not in the state wanted, with the progress that StarlingX shows. */
export function stateError(
  name: string,
  found: Application | undefined,
  wanted: string,
  { seconds, cause }: { seconds?: number; cause?: unknown } = {},
): Error {
  if (!found) {
    const hint = `\`system application-list\` shows what there is; ${logs}`;
    return environmentError(`StarlingX does not list the application \`${name}\`, expected it \`${wanted}\`.`, {
      hint,
    });
  }
  const still = seconds === undefined ? "" : `still after ${Number(seconds.toFixed(1))} s `;
  return environmentError(
    `StarlingX application \`${name}\` ${found.version} is ${still}\`${found.status}\`, expected \`${wanted}\`. ` +
      `Its progress: ${found.progress || "none"}.`,
    { hint: mendOf(found.status), ...(cause !== undefined && { cause }) },
  );
}
