import { fine, type Judgement, missing } from "../../finding.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import { parseApplicationList } from "./application-table.ts";
import { controllerOf } from "./controller.ts";
import type { StarlingxSettings } from "./settings.ts";
import { mendOf } from "./states.ts";
import { findTarball } from "./tarball.ts";

const NAME = "StarlingX application";

/**
 * Whether StarlingX's `system` answers, and whether there is an Istio to upload or to use. Changes nothing. Throws an
 * environment error that says what to do where there is not.
 */
export async function judgeStarlingx(settings: StarlingxSettings): Promise<Judgement> {
  const controller = controllerOf(settings);
  const table = await controller.system(["application-list", "--nowrap"], { timeoutMs: timeouts.hostCommand });
  const found = parseApplicationList(table).find(({ name }) => name === "istio");
  if (!found) return fine(NAME, `${await findTarball(controller, settings)} on ${controller.where}`, "uploads it");
  const described = `istio ${found.version} is \`${found.status}\` on ${controller.where}`;
  if (found.status === "applied") return fine(NAME, described);
  if (["uploaded", "apply-failed"].includes(found.status)) return fine(NAME, described, "applies it");
  return missing(NAME, `${described}: ${found.progress}`, mendOf(found.status));
}
