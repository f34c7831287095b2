import { describeError, environmentError, HarnessError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { converges, eventually, WaitError } from "../../lib/wait.ts";
import type { LaunchCall, Multipass } from "./multipass-cli.ts";

export interface LaunchContext {
  log: Pick<Log, "info" | "warn">;
  signal: AbortSignal;
}

/** Launches of one instance, the first included. */
const ATTEMPTS = 3;

/**
 * How launches are known to fail, by what Multipass says. `wait`: the instance is there, and only takes longer than
 * Multipass likes. `again`: a launch that starts from nothing may well work. Anything else ends it at once.
 */
const failures: readonly { says: RegExp; next: "wait" | "again" | "give up"; hint?: string }[] = [
  { says: /timed out waiting for initialization to complete/i, next: "wait" },
  // The instance got no address, or does not answer on SSH: its state then is `Unknown`.
  { says: /timed out waiting for response|in an unknown state|timed out waiting for instance launch/i, next: "again" },
  { says: /instance ".*" already exists|is being prepared/i, next: "again" },
  { says: /failed to download|network error|connection (closed|reset)|hash .*does not match/i, next: "again" },
  { says: /unable to find an image matching/i, next: "give up", hint: "choose one that `multipass find` lists" },
  {
    says: /kvm|virtualization|hyper-?v/i,
    next: "give up",
    hint: "`scripts/vmesh doctor` says what this machine lacks",
  },
  {
    says: /available|not enough|larger than|insufficient/i,
    next: "give up",
    hint: "use smaller sizes, or fewer agents",
  },
];

/**
 * Launches an instance and returns once cloud-init has done its work in it; one that runs already is taken as it is.
 * A launch that fails in a way that Multipass is known for is tried again from nothing; one that hangs is ended, and its
 * instance deleted. Throws an environment error after which, as after an abort, there is no such instance.
 */
export async function launchInstance(multipass: Multipass, call: LaunchCall, context: LaunchContext): Promise<void> {
  const { name } = call;
  const { log, signal } = context;
  const found = await multipass.info(name, { signal });
  if (found && found.state !== "Deleted") {
    log.info(`instance ${name} is there already, ${found.state}`);
    await startInstance(multipass, name, context);
    return;
  }
  try {
    if (found) await removeInstance(multipass, name);
    for (let attempt = 1; ; attempt += 1) {
      const failure = await launchOnce(multipass, call, context);
      if (failure === undefined) return;
      if (failure.next !== "again" || attempt === ATTEMPTS) throw launchError(name, attempt, failure);
      log.warn(`launch ${attempt} of ${name} failed, it is tried again: ${describeError(failure.error)}`);
      await removeInstance(multipass, name);
    }
  } catch (error) {
    await removeInstance(multipass, name).catch((late: unknown) =>
      log.warn(`instance ${name} is left behind, \`scripts/vmesh clean\` removes it: ${describeError(late)}`),
    );
    throw error;
  }
}

/** One launch; what became of it if it failed in a way that is known. Throws what no further launch would mend. */
async function launchOnce(
  multipass: Multipass,
  call: LaunchCall,
  { log, signal }: LaunchContext,
): Promise<Failure | undefined> {
  try {
    await multipass.launch({ ...call, signal });
  } catch (error) {
    const failure = judge(error, signal);
    if (failure.next !== "wait") return failure;
    log.warn(`Multipass does not wait any longer for cloud-init of ${call.name}; vmesh does`);
  }
  try {
    await becomesReady(multipass, call.name, signal);
    return undefined;
  } catch (error) {
    if (error instanceof WaitError) return { next: "again", error };
    throw error;
  }
}

interface Failure {
  next: "wait" | "again" | "give up";
  hint?: string | undefined;
  error: HarnessError;
}

/** What to do about a launch that failed. One that did not end within its limit hangs, which may pass. */
function judge(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted || !(error instanceof HarnessError)) throw error;
  if (/did not end within/.test(error.message)) return { next: "again", error };
  const said = error.evidence ?? "";
  return { next: "give up", ...failures.find(({ says }) => says.test(said)), error };
}

function launchError(name: string, attempt: number, { error, hint }: Failure): HarnessError {
  const tries = attempt === 1 ? "" : ` after ${attempt} attempts`;
  return environmentError(`Multipass did not launch instance \`${name}\`${tries}.`, {
    cause: error,
    ...(hint !== undefined && { hint }),
  });
}

/**
 * Starts an instance unless it runs, and waits until it answers. Throws an environment error if it is gone or does not
 * answer in time.
 */
export async function startInstance(multipass: Multipass, name: string, { log, signal }: LaunchContext): Promise<void> {
  const state = (await multipass.info(name, { signal }))?.state ?? "gone";
  if (state === "gone" || state === "Deleted") {
    throw environmentError(`Instance \`${name}\` is ${state.toLowerCase()}, expected it to be there.`, {
      hint: "make the cluster anew: `scripts/vmesh down`, then `scripts/vmesh up`",
    });
  }
  if (state !== "Running") {
    log.info(`instance ${name} is ${state}: starting it`);
    await multipass.start(name, { signal });
  }
  await becomesReady(multipass, name, signal);
}

/** Waits for an address, an answer of the instance itself, and the end of cloud-init. */
async function becomesReady(multipass: Multipass, name: string, interrupt: AbortSignal): Promise<void> {
  const what = `instance \`${name}\` answers, and cloud-init is done`;
  const wait = { what, budgetMs: timeouts.multipassReady, signal: interrupt };
  const failed = await eventually(wait, async (signal) => {
    const { state, ipv4 } = (await multipass.info(name, { signal })) ?? { state: "absent", ipv4: [] };
    if (state !== "Running") throw new Error(`its state is ${state}`);
    if (ipv4.length === 0) throw new Error("it has no IPv4 address");
    // 1 is an error, 2 a success with complaints; nothing but the text tells whether it is still at work.
    const { stdout, stderr, exitCode } = await multipass.sh(name, "cloud-init status --long", {
      signal,
      allowFailure: true,
    });
    const status = /^status: (\S+)/m.exec(stdout)?.[1];
    if (status === "done" || status === "disabled" || status === "degraded") return undefined;
    if (status === "error") return stdout;
    throw new Error(
      status ? `cloud-init is ${status}` : `it does not answer (exit code ${exitCode}): ${stderr || stdout}`,
    );
  });
  if (failed === undefined) return;
  throw environmentError(`cloud-init ended with an error in instance \`${name}\`.`, {
    evidence: failed,
    hint: "`--verbose` shows more; the image may be another one than vmesh knows",
  });
}

/**
 * Deletes and purges an instance, which need not be there. Seen to be gone several times in a row: the daemon goes on
 * with a launch whose client was ended. Throws a `WaitError` if it does not go.
 */
export async function removeInstance(multipass: Multipass, name: string): Promise<void> {
  const what = `instance \`${name}\` is gone`;
  await converges({ what, budgetMs: timeouts.multipassGone, times: 3 }, async (signal) => {
    const there = (await multipass.list({ signal })).find((one) => one.name === name);
    if (!there) return;
    await multipass.remove(name, { signal });
    throw new Error(`it was ${there.state}, and has just been deleted`);
  });
}

/**
 * The address of an instance. Multipass may list several, those of pods among them, and after a restart also one that
 * was: the first that the instance says it has is meant.
 */
export async function addressOf(multipass: Multipass, name: string, interrupt: AbortSignal): Promise<string> {
  const what = `instance \`${name}\` has an address that Multipass and itself agree on`;
  const wait = { what, budgetMs: timeouts.multipassReady, signal: interrupt };
  return eventually(wait, async (signal) => {
    const listed = (await multipass.info(name, { signal }))?.ipv4 ?? [];
    const own = (await multipass.sh(name, "hostname --all-ip-addresses", { signal })).stdout.split(/\s+/);
    const address = listed.find((one) => own.includes(one));
    if (address !== undefined) return address;
    throw new Error(`Multipass lists ${listed.join(", ") || "none"}, the instance has ${own.join(", ") || "none"}`);
  });
}
