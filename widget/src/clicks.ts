import { FORMS } from './fields';
import { listen } from './guard';
import { track } from './track';
import { record } from './record';
import { touchForm } from './forms';
import { inView } from './surface';
import { clean } from './labels';

export function watchClicks(): void {
  listen('click', (event) => {
    const element = event.target as Element;
    if (!inView(element)) return;
    const clicked = element.closest<HTMLAnchorElement>('a,button,[role=button],[type=submit]');
    if (clicked) {
      // Addresses of people (mailto:, tel:) are not kept.
      const { href } = clicked;
      record('click', {
        // In a form or a list of choices a caption may be what the visitor has typed or chosen.
        l: clicked.closest(FORMS + ',:read-write,[role$=box],[aria-haspopup]') ? '' : clean(clicked.ariaLabel || clicked.textContent),
        h: /^http/.test(href) ? href.replace(/[?#].*/, '').replace(location.origin, '') : '',
      });
    }

    const named = element.closest('[data-exitpoll-event]');
    if (named) {
      const properties: { [name: string]: string } = {};
      for (const { name, value } of named.attributes) {
        const key = name.split('data-exitpoll-prop-')[1];
        if (key) properties[key] = value;
      }
      track(named.getAttribute('data-exitpoll-event'), properties);
    }
    // Last, because a page can make it throw.
    touchForm(event);
  });
}
