/** Tells a part's name with the seconds since the part before it, or since the stopwatch was made. */
export function stopwatch(onPart?: (title: string, seconds: number) => void): (title: string) => void {
  let before = performance.now();
  return (title) => {
    const now = performance.now();
    onPart?.(title, (now - before) / 1000);
    before = now;
  };
}
