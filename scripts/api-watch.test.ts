import { expect, test, vi } from "vitest";
import { apiWatch } from "./api-watch.ts";

const short = { probeMs: 50, goneMs: 1_500 };
const stopper = () => vi.fn<(reason: string) => void>();

test("An API server that answers stops nothing", async () => {
  const stop = stopper();
  await apiWatch(async () => "ok", stop, short)();
  expect(stop).not.toHaveBeenCalled();
});

test("One that is silent for long stops the checks, once, however many errors there are", async () => {
  const stop = stopper();
  const look = apiWatch(() => new Promise(() => undefined), stop, short);
  await Promise.all([look(), look()]);
  await look();
  expect(stop.mock.calls).toEqual([["the API server has not answered for 1.5 s"]]);
});

test("One that comes back in time stops nothing", async () => {
  const stop = stopper();
  const probe = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error("refused")).mockResolvedValue();
  await apiWatch(probe, stop, { probeMs: 50, goneMs: 10_000 })();
  expect(stop).not.toHaveBeenCalled();
  expect(probe).toHaveBeenCalledTimes(2);
});
