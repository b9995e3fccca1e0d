import type { Log } from './module_hooks';

export const log: Log = [];
