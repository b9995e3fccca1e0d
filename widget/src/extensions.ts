import { load } from './module';
import { config } from './record';

const loaded: { [name: string]: string } = {};

/** Rare things have files of their own, each loaded once the page has the global that it is about. */
export function loadExtensions(): void {
  for (const name in config.x) {
    if (name in window && !loaded[name]) load((loaded[name] = config.x[name]!));
  }
}
