import { appendFileSync, readFileSync } from "node:fs";
import { environmentError } from "../errors.ts";
import { type ApiRequest, apiRequest, apiRequestOf } from "./api-request.ts";

/** Names a file that gets what this process and its children ask of the API, a line of JSON each. */
export const journalVariable = "VMESH_API_JOURNAL";

/** Lines of this process; a wait asks the same over and over. */
const written = new Set<string>();

/** Notes a request where the variable says so. */
export function noteRequest(method: string, path: string, contentType?: string): void {
  const file = process.env[journalVariable];
  if (!file) return;
  const request = apiRequestOf(method, path, contentType);
  if (!request) return;
  const line = `${JSON.stringify(request)}\n`;
  if (written.has(line)) return;
  written.add(line);
  appendFileSync(file, line);
}

/** What was noted, each request once. Throws an environment error for a line that is no request. */
export function readRequests(file: string): ApiRequest[] {
  const lines = new Set(readFileSync(file, "utf8").split("\n").filter(Boolean));
  return [...lines].map((line) => {
    const result = apiRequest.safeParse(JSON.parse(line));
    if (result.success) return result.data;
    throw environmentError(`\`${file}\` holds something else than requests.`, { evidence: line });
  });
}
