// Inside the preview's frame: the card that visitors get, drawn by the very file that they load. What it would send goes nowhere.
(() => {
  'use strict';
  const again = document.querySelector('.again');
  // Of a script of another origin, as all are here, an address has to be whole.
  const file = import(new URL(document.body.dataset.view, location.href).href);
  let card;
  let content;

  const nothing = () => {};
  const useCard = (next) => {
    card = next;
    again.hidden = !!next;
  };
  // The view's hooks, in their order: record, announce, busy, addAnswer, useCard, cancelled.
  const hooks = [nothing, nothing, () => false, nothing, useCard, () => false];

  const draw = async () => {
    const { start } = await file;
    const isFirst = !document.querySelector('exitpoll-card');
    card?.close();
    start(hooks, 'preview', { token: '', content: structuredClone(content) }, undefined, undefined, 0);
    // It does not come in anew at every letter.
    const { shadowRoot } = document.querySelector('exitpoll-card') ?? {};
    if (!isFirst) for (const animation of shadowRoot?.getAnimations() ?? []) animation.finish();
  };

  const tellReady = () => parent.postMessage('ready', '*');
  addEventListener('message', ({ source, data }) => {
    if (source !== parent) return;
    // The editor began to listen later than this frame.
    if (data === 'ready?') return tellReady();
    document.documentElement.classList.toggle('dark', data.dark);
    content = data.content;
    // The frame stays where it is.
    for (const ending of Object.values(content.endings ?? {})) delete ending.after;
    draw();
  });
  addEventListener('click', (event) => {
    if (event.composedPath().some((element) => element.tagName === 'A')) event.preventDefault();
  }, true);
  again.querySelector('button').onclick = draw;
  tellReady();
})();
