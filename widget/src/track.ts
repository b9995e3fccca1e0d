import type { Props } from './wire';
import { record } from './record';

/**
 * A copy: a batch never changes. The server keeps 32 flat properties. A number in `value`, also from an attribute,
 * is the value of the event.
 */
export function track(name: unknown, properties?: { [key: string]: unknown }): void {
  record('track', { name: name + '', props: { ...properties } as Props, value: parseFloat(properties?.value as string) } as Props);
}
