import { expect, test } from "vitest";
import { parseApplicationList } from "./application-table.ts";

/** As StarlingX prints it, with the text of an exception in one cell. */
const table = `
+--------------------------+----------+-------------------------------+------------------+--------------+--------------------------+
| application              | version  | manifest name                 | manifest file    | status       | progress                 |
+--------------------------+----------+-------------------------------+------------------+--------------+--------------------------+
| cert-manager             | 24.09-78 | cert-manager-fluxcd-manifests | fluxcd-manifests | applied      | completed                |
| istio                    | 24.09-11 | istio-fluxcd-manifests        | fluxcd-manifests | apply-failed | timed out | or lost:     |
|                          |          |                               |                  |              | operation aborted, check |
| platform-integ-apps      | 24.09-14 | platform-integ-apps           | fluxcd-manifests | uploaded     | None                     |
+--------------------------+----------+-------------------------------+------------------+--------------+--------------------------+
`;

test("The table of applications is read, cells of several lines and bars of their own included.", () => {
  expect(parseApplicationList(table)).toEqual([
    { name: "cert-manager", version: "24.09-78", status: "applied", progress: "completed" },
    {
      name: "istio",
      version: "24.09-11",
      status: "apply-failed",
      progress: "timed out | or lost: operation aborted, check",
    },
    { name: "platform-integ-apps", version: "24.09-14", status: "uploaded", progress: "None" },
  ]);
});

const frame = "+---+---+";
test.each([
  { name: "no frame", text: "Internal Server Error", says: "it has 0 lines of a frame" },
  {
    name: "a frame that is cut off",
    text: `${frame}\n| a | b |\n${frame}\n| 1 | 2 |`,
    says: "it has 2 lines of a frame",
  },
  { name: "other columns", text: `${frame}\n| a | b |\n${frame}\n${frame}`, says: "it has no column `application`" },
  { name: "a crooked row", text: table.replace("| cert", "cert |"), says: "does not fit its frame" },
])("A text with $name is no such table, and is shown.", ({ text, says }) => {
  expect(() => parseApplicationList(text)).toThrow(`printed no table as expected: `);
  expect(() => parseApplicationList(text)).toThrow(says);
});
