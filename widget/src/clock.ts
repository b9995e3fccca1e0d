/**
 * Wall time. `performance.now()` stands still while a machine sleeps, which would date a batch kept over
 * night to the next morning.
 */
export const now = Date.now;
