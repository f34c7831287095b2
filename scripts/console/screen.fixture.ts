import type { Terminal } from "./painter.ts";

/** A terminal for tests: it knows what the painter writes, and refuses the rest. */
export interface Screen extends Required<Terminal> {
  /** All that stands there now, from what has scrolled away to the last line that is not empty. */
  lines(): string[];
  readonly cursorShown: boolean;
  /** How often something was written. */
  readonly writes: number;
  /** As most terminals do, wraps lines anew. */
  resize(columns: number, rows: number): void;
}

const escape = "\u001B";

/** A control sequence, its parameter and its command, or a letter. */
const sequences = new RegExp(`${escape}\\[([\\d;?]*)([A-Za-z])|[^]`, "gu");

interface Row {
  text: string;
  /** It goes on in the next row, for want of columns. */
  wrapped: boolean;
}

export function newScreen(columns: number, rows: number): Screen {
  let grid: Row[] = [{ text: "", wrapped: false }];
  let [line, column] = [0, 0];
  let [cursorShown, writes] = [true, 0];
  const row = () => grid[line] ?? { text: "", wrapped: false };
  const newRow = () => {
    line += 1;
    if (line === grid.length) grid.push({ text: "", wrapped: false });
  };
  const top = () => Math.max(0, grid.length - screen.rows);
  const put = (letter: string) => {
    if (column === screen.columns) {
      row().wrapped = true;
      newRow();
      column = 0;
    }
    const { text } = row();
    row().text = text.slice(0, column).padEnd(column) + letter + text.slice(column + 1);
    column += 1;
  };
  const commands: Record<string, (parameter: string) => void> = {
    A: (count) => (line = Math.max(top(), line - Number(count || 1))),
    B: (count) => (line = Math.min(grid.length - 1, line + Number(count || 1))),
    G: () => (column = 0),
    K: (what) => (row().text = what === "2" ? "" : row().text.slice(0, column)),
    h: (mode) => (cursorShown ||= mode === "?25"),
    l: (mode) => (cursorShown &&= mode !== "?25"),
    m: () => undefined,
  };
  const screen: Screen = {
    columns,
    rows,
    write(text) {
      writes += 1;
      for (const [sequence, parameter = "", command = ""] of text.matchAll(sequences)) {
        const act = commands[command];
        if (command !== "" && !act) throw new Error(`The screen does not know ${JSON.stringify(sequence)}.`);
        if (act) act(parameter);
        else if (sequence === "\r") column = 0;
        else if (sequence === "\n") [column] = [0, newRow()];
        else put(sequence);
      }
    },
    lines() {
      const lines = grid.map(({ text }) => text.trimEnd());
      return lines.slice(0, lines.findLastIndex((text) => text !== "") + 1);
    },
    get cursorShown() {
      return cursorShown;
    },
    get writes() {
      return writes;
    },
    resize(toColumns, toRows) {
      Object.assign(screen, { columns: toColumns, rows: toRows });
      const whole = grid.reduce<string[]>(
        (lines, { text }, index) =>
          grid[index - 1]?.wrapped ? [...lines.slice(0, -1), lines.at(-1) + text] : [...lines, text],
        [],
      );
      grid = whole.flatMap((text) => {
        const parts = text.match(new RegExp(`.{1,${toColumns}}`, "gu")) ?? [""];
        return parts.map((part, index) => ({ text: part, wrapped: index < parts.length - 1 }));
      });
      line = grid.length - 1;
    },
  };
  return screen;
}
