// The demo's live strip: fires a moment in the page beside it, as the site's own button would.
(() => {
  'use strict';
  const widget = () => (parent !== window && typeof parent.exitpoll === 'function' ? parent.exitpoll : null);
  const hint = document.getElementById('no-widget');

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-fire]');
    if (!button) return;
    widget()?.('show', button.dataset.fire);
    // Only time in the page itself counts as active.
    parent.focus();
  });

  // A blocked or broken script must not look like a question that stays silent.
  setTimeout(() => { hint.hidden = parent === window || !!widget(); }, 3000);
})();
