/** Nothing of ours may ever throw into the page. */
export const guard =
  <Arguments extends unknown[], Result>(run: (...values: Arguments) => Result) =>
  (...values: Arguments): Result | void => {
    try {
      return run(...values);
    } catch {}
  };

/** At the window and first in line, so that an event the page stops is still seen. We only look. */
export function listen<Kind extends Event = Event>(
  types: string,
  run: (event: Kind) => void,
): void {
  for (const type of types.split(' ')) addEventListener(type, guard(run) as EventListener, true);
}

export const later = (run: () => void, delay?: number): number => setTimeout(guard(run), delay);
