/** A page that handles its links itself stays, and the tool with it; the others lead to pages that carry the token on. */
export function keepToken(parameter: string, token: string, isOurs: (event: Event) => boolean, signal: AbortSignal): void {
  addEventListener(
    'click',
    (event) => {
      const link = (event.target as Element).closest?.<HTMLAnchorElement>('a[href]');
      if (isOurs(event) || event.defaultPrevented || event.ctrlKey || event.metaKey || !link || link.origin !== location.origin || link.target) return;
      event.preventDefault();
      const url = new URL(link.href);
      url.searchParams.set(parameter, token);
      location.assign(url);
    },
    { signal },
  );
}
