let latest = 0;

/**
 * Wall time that never runs backwards. `performance.now()` stands still while a machine sleeps,
 * which would date a batch kept over night to the next morning.
 */
export const now = (): number => (latest = Math.max(latest, Date.now()));
