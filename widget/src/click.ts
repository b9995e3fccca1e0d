import { FORMS } from './fields';
import { clean } from './labels';

/** What counts as a link or a button. */
export const CLICKABLE = 'a,button,[role=button],[type=submit]';

/**
 * What the core tells of a click (`clicks.ts`), for lazy files: shared with it, the function would cost ten bytes that
 * every visitor pays. A browser test holds the two together.
 */
export const clickOf = (clicked: HTMLAnchorElement): { l: string; h: string } => ({
  l: clicked.closest(FORMS + ',:read-write,[role$=box],[aria-haspopup]') ? '' : clean(clicked.ariaLabel || clicked.textContent),
  h: /^http/.test(clicked.href) ? clicked.href.replace(/[?#].*/, '').replace(location.origin, '') : '',
});
