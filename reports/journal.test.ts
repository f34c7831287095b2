import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { type EndedCase, readJournal, record } from "./journal.ts";

test("What looks like a secret is masked before it is written, and for those who are told of the event.", async () => {
  const journal = join(await temporaryFolder(), "journal.ndjson");
  const message = "kubeadm join --token abcdef.0123456789abcdef ended with exit code 1.";
  const failure = { type: "HarnessError", message };
  const result: EndedCase = {
    id: "a/b",
    title: "A.",
    outcome: "error",
    failure,
    seconds: 1,
    properties: {},
    attachments: [],
  };
  const told = record(journal, { event: "ended", result });
  expect(told).toMatchObject({
    result: { id: "a/b", seconds: 1, failure: { message: expect.stringContaining("--token [masked] ended") } },
  });
  expect(readJournal(journal)).toEqual([told]);
});
