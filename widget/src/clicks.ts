import { listen } from './guard';
import { clean } from './labels';
import { record } from './record';
import { inView } from './surface';
import { track } from './track';

const EVENT = 'data-exitpoll-event';

export function watchClicks(): void {
  listen(document, 'click', (event) => {
    const element = event.target as Element;
    if (!inView(element)) return;
    const clicked = element.closest<HTMLAnchorElement>('a,button,[role=button],[type=submit],[type=button]');
    if (clicked) {
      const { protocol, origin, pathname } = clicked;
      // Addresses of people (mailto:, tel:) are not kept.
      const isPage = /^http/.test(protocol);
      const isOutbound = isPage && origin !== location.origin;
      record('click', {
        l: clean(
          // The caption of a button is markup, not something a visitor has typed.
          clicked.getAttribute('aria-label') || clicked.textContent || clicked.getAttribute('value'),
        ),
        h: isPage ? ((isOutbound ? origin : '') + pathname).slice(0, 512) : undefined,
        o: isOutbound ? 1 : undefined,
      });
    }

    const named = element.closest(`[${EVENT}]`);
    if (named) {
      const properties: { [name: string]: string } = {};
      for (const { name, value } of named.attributes) {
        const key = name.split('data-exitpoll-prop-')[1];
        if (key) properties[key] = value;
      }
      track(named.getAttribute(EVENT), properties);
    }
  });
}
