import type { Config } from './wire';
import { config, reached } from './record';
import { load } from './module';

const loaded: { [name: string]: string } = {};

/** What a rare thing is given. */
export type Extension = [config: Config, reached: typeof reached];

/** Rare things have files of their own, each loaded once the page has the global that it is about. */
export function loadExtensions(): void {
  for (const name in config.x) {
    if (name in window && !loaded[name]) load((loaded[name] = config.x[name]!), config, reached);
  }
}
