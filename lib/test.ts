import { expect, inject, test } from "vitest";
import { announce } from "./catalog.ts";
import { entryOf } from "./check.ts";
import type { CheckDefinition, CheckEntry } from "./check.ts";
import type { Environment } from "./environment.ts";
import { environmentError, usageError } from "./errors.ts";
import type { Fixtures } from "./fixtures.ts";
import type { Meta } from "./fixtures/record.ts";
import { failsAs } from "./expected-failure.ts";
import { stopOthers, stopReason } from "./fail-fast.ts";
import { pauseMark, pauseOnFailure } from "./pause-on-failure.ts";
import { needs } from "./requirements.ts";
import { scaled, timeouts } from "./timeouts.ts";
import { deadline, untilAborted } from "./wait.ts";

export { expect };
export type { Fixtures } from "./fixtures.ts";
export { migrationSucceeds } from "./migration.ts";
export { istiodOf, mesh, meshOf } from "./mesh.ts";
export { bookinfoDeployments } from "./bookinfo.ts";
export { assertFilled, placeFiles, workloadFileNames, workloadFiles } from "./onboarding.ts";
export { clusterIpOf, externalIpOf, gatewayAddressOf } from "./service-address.ts";
export { countUpTo } from "./telemetry/histogram.ts";
export { answerBytes } from "./telemetry/payload.ts";
export { serviceProxy } from "./telemetry/service-proxy.ts";
export { traceIdOf } from "./telemetry/traces.ts";
export type { Peer, PodPeer } from "./peers/peer.ts";
export type { Proxy } from "./proxy.ts";

declare module "vitest" {
  interface ProvidedContext {
    environment: Environment;
  }
  interface TaskMeta extends Meta {
    check?: CheckEntry;
  }
}

/**
 * Registers the one check of a file. The body gets a fresh namespace and the means to fill it and to look at it.
 * On a cluster without something it needs, the check is skipped with that reason; when it fails, evidence is
 * collected before anything is removed.
 */
export function check(definition: CheckDefinition, body: (fixtures: Fixtures) => Promise<void>): void {
  if (announce(definition)) return;
  const entry = entryOf(definition, expect.getState().testPath ?? "");
  const timeScale = provided()?.timeScale ?? 1;
  const bodyMs = scaled(timeouts.check, timeScale);
  const cleanUpMs = timeouts.apiReconnect + scaled(2 * timeouts.objectGone + timeouts.agentRejoin, timeScale);
  const pausedMs = process.env["VMESH_PAUSE"] ? timeouts.pausedCheck : 0;
  const timeout = bodyMs + scaled(timeouts.diagnostics, timeScale) + pausedMs + cleanUpMs;

  test(entry.title, { meta: { check: entry }, timeout }, async ({ task, skip, signal, onTestFinished, annotate }) => {
    const stopped = stopReason();
    if (stopped !== undefined) return skip(stopped);
    const environment = provided();
    if (!environment) {
      throw usageError("There is no cluster to check.", { hint: "run checks through `scripts/vmesh run`" });
    }
    const requirement = needs(entry.needs, environment);
    if (!requirement.ok) return skip(requirement.reason);

    const { asFailure, openFixtures } = await import("./fixtures.ts");
    const limit = deadline(bodyMs, signal);
    const scene = openFixtures({
      environment,
      entry,
      injection: definition.injection ?? true,
      signal: limit,
      interrupt: signal,
      meta: task.meta,
      async onRed(namespaces) {
        stopOthers(entry.id);
        await pauseOnFailure(entry.id, namespaces, signal, (sentence) => annotate(sentence, pauseMark));
      },
    });
    const done = scene.run(async (fixtures) => {
      try {
        await untilAborted(limit, () => {
          const { expectedToFail } = definition;
          if (!expectedToFail) return body(fixtures);
          return failsAs(expectedToFail, `suites/${entry.id}.md`, () => body(fixtures), asFailure);
        });
      } catch (error) {
        if (!limit.aborted || signal.aborted) throw error;
        throw environmentError(`The check did not end within ${bodyMs / 1000} s.`, { cause: error });
      }
    });
    // Vitest abandons a cancelled test where it stands; for what stands here it waits, so that the clean-up ends.
    onTestFinished(() => done.catch(() => undefined), cleanUpMs);
    await done;
  });
}

function provided(): Environment | undefined {
  return inject("environment") as Environment | undefined;
}
