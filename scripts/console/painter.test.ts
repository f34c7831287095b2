import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { newPainter } from "./painter.ts";
import { newScreen } from "./screen.fixture.ts";

function painting(picture: string[], columns = 20, rows = 6) {
  const screen = newScreen(columns, rows);
  screen.write("before\n");
  const state = { picture };
  const painter = newPainter(screen, () => state.picture);
  painter.start();
  return { screen, painter, state };
}

const nextPicture = () => vi.advanceTimersByTime(200);

describe("a painter", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test.for<[string, string[], string[]]>([
    ["a line that changes", ["one", "two"], ["one", "2"]],
    ["a first line that changes", ["one", "two"], ["1", "two"]],
    ["lines that come", ["one"], ["one", "two", "three"]],
    ["lines that go", ["one", "two", "three"], ["three"]],
    ["no line any more", ["one", "two"], []],
    ["as many lines as there is room for", ["one"], ["one", "two", "three", "four", "five"]],
  ])("shows %s in the place of what was there.", ([, first, second]) => {
    const { screen, state } = painting(first);
    expect(screen.lines()).toEqual(["before", ...first]);
    state.picture = second;
    nextPicture();
    expect(screen.lines()).toEqual(["before", ...second]);
    state.picture = first;
    nextPicture();
    expect(screen.lines()).toEqual(["before", ...first]);
  });

  test("puts lines that stay above the live ones, also when they scroll and when they are long.", () => {
    const { screen, painter } = painting(["live", "lines"], 10, 4);
    for (const number of [1, 2, 3, 4]) {
      painter.print([`stays ${number}, for ever`]);
      nextPicture();
    }
    const stays = [1, 2, 3, 4].flatMap((number) => [`stays ${number}, f`, "or ever"]);
    expect(screen.lines()).toEqual(["before", ...stays, "live", "lines"]);
  });

  test("writes at most five times a second, and nothing while nothing changes.", () => {
    const { screen, painter, state } = painting(["0"]);
    const writes = screen.writes;
    vi.advanceTimersByTime(1_000);
    expect(screen.writes).toBe(writes);
    for (let ms = 0; ms < 1_000; ms += 10) {
      painter.print([`line ${ms}`]);
      state.picture = [String(ms)];
      vi.advanceTimersByTime(10);
    }
    expect(screen.writes - writes).toBe(5);
  });

  test("hides the cursor and, when it stops, removes its lines, prints what it was told and shows the cursor.", () => {
    const { screen, painter } = painting(["live"]);
    expect(screen.cursorShown).toBe(false);
    painter.print(["last words"]);
    painter.stop();
    expect(screen.lines()).toEqual(["before", "last words"]);
    expect(screen.cursorShown).toBe(true);
    const writes = screen.writes;
    painter.stop();
    vi.advanceTimersByTime(1_000);
    expect(screen.writes).toBe(writes);
  });

  test("prints at once while it does not paint, and paints again when it starts again.", () => {
    const { screen, painter } = painting(["live"]);
    painter.stop();
    painter.print(["between"]);
    expect(screen.lines()).toEqual(["before", "between"]);
    painter.start();
    expect(screen.lines()).toEqual(["before", "between", "live"]);
    expect(screen.cursorShown).toBe(false);
  });

  test.for([
    ["narrower, which wraps its lines", 8, 12],
    ["much narrower", 3, 40],
    ["wider", 40, 12],
  ] as const)("leaves nothing behind on a terminal that becomes %s.", ([, columns, rows]) => {
    const { screen, painter, state } = painting(["a live line", "another one"], 20, 12);
    screen.resize(columns, rows);
    state.picture = ["new"];
    nextPicture();
    painter.stop();
    expect(screen.lines().join("")).toBe("before");
  });

  test("takes a terminal without a size for one of 80 by 24.", () => {
    const sizes: unknown[] = [];
    const painter = newPainter({ write: () => true, columns: 0, rows: 0 }, (size) => [String(sizes.push(size))]);
    painter.start();
    painter.stop();
    expect(sizes).toEqual([{ columns: 80, rows: 24 }]);
  });
});

test("A painter that nobody stops does not keep its process alive.", { timeout: 30_000 }, () => {
  const program = `import { newPainter } from ${JSON.stringify(new URL("painter.ts", import.meta.url).href)};
    newPainter({ write: () => true }, () => ["live"]).start();`;
  const { status } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { timeout: 20_000 });
  expect(status).toBe(0);
});
