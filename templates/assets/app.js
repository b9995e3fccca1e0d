// Progressive enhancement for the admin. Every page works without this file.
(() => {
  'use strict';
  const $$ = (sel, root = document) => [...root.querySelectorAll(sel)];
  const on = (type, fn) => document.addEventListener(type, fn);

  // The one place where a string becomes HTML: our own fragments, from our own origin.
  const policy = window.trustedTypes
    ? window.trustedTypes.createPolicy('exitpoll', { createHTML: (html) => html })
    : { createHTML: (html) => html };
  const parse = (html) => new DOMParser().parseFromString(policy.createHTML(html), 'text/html');

  // What only holds or works with scripts is hidden until they run. Copy buttons: data-copy names the element whose text is copied.
  const showScripted = (root) => {
    $$('[data-scripted]', root).forEach((el) => { el.hidden = false; });
    $$('[data-copy]', root).forEach((b) => { b.hidden = !navigator.clipboard; });
  };
  on('click', async (e) => {
    const button = e.target.closest('[data-copy]');
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    const was = button.textContent;
    try {
      await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = 'Press Ctrl+C';
    }
    setTimeout(() => { button.textContent = was; }, 2000);
  });

  // Live regions: <section data-live="url" data-every="ms">. A fragment is one element; its children
  // replace the region's. Open details (by data-key or summary text) and focus (by id or name) survive.
  const keyOf = (d) => d.dataset.key || d.querySelector('summary')?.textContent.trim();
  const busy = (region) => {
    const el = document.activeElement;
    const typing = region.contains(el) && el.matches('input, textarea, select');
    const sel = getSelection();
    return typing || (!sel.isCollapsed && region.contains(sel.anchorNode));
  };
  const swap = (region, html) => {
    const body = parse(html).body;
    const fresh = body.children.length === 1 && body.firstElementChild.matches('[data-live]') ? body.firstElementChild : body;
    const open = new Set($$('details[open]', region).map(keyOf));
    const active = region.contains(document.activeElement) ? document.activeElement : null;
    const index = active ? $$('a, button, summary', region).indexOf(active) : -1;
    const id = active?.id;
    region.replaceChildren(...fresh.childNodes);
    $$('details', region).forEach((d) => { if (open.has(keyOf(d))) d.open = true; });
    showScripted(region);
    const target = (id && document.getElementById(id)) || $$('a, button, summary', region)[index];
    if (active && target) target.focus({ preventScroll: true });
  };
  const live = (region) => {
    const every = Math.max(1000, Number(region.dataset.every) || 5000);
    let last = null;
    let wait = every;
    const tick = async () => {
      if (!region.isConnected) return;
      if (!document.hidden && !busy(region)) {
        try {
          const reply = await fetch(new URL(region.dataset.live, location.href), { headers: { accept: 'text/html' }, redirect: 'error' });
          if (reply.ok) {
            const html = await reply.text();
            if (html !== last && !busy(region)) { swap(region, html); last = html; }
          }
          wait = reply.ok ? every : Math.min(wait * 2, 60000);
        } catch { wait = Math.min(wait * 2, 60000); }
      }
      setTimeout(tick, wait);
    };
    setTimeout(tick, every);
  };

  // Destructive forms ask once more; the words name what is destroyed.
  on('submit', (e) => {
    const text = e.submitter?.dataset.confirm || e.target.dataset.confirm;
    if (text && !confirm(text)) e.preventDefault();
  });

  // Choice rows: <button name="do" data-add="list id"> clones the list's <template>; data-remove takes its row away.
  on('click', (e) => {
    const add = e.target.closest('[data-add]');
    const remove = e.target.closest('[data-remove]');
    if (!add && !remove) return;
    e.preventDefault();
    const list = add ? document.getElementById(add.dataset.add) : remove.closest('ol, ul');
    if (add) {
      list.append(document.getElementById(`${add.dataset.add}-row`).content.cloneNode(true));
      list.lastElementChild.querySelector('input').focus();
    } else {
      remove.closest('li').remove();
      list.querySelector('input')?.focus();
    }
    const full = list.querySelectorAll('[name$=choice_label]').length >= Number(list.dataset.most);
    document.querySelector(`[data-add="${list.id}"]`).disabled = full;
    document.getElementById(`${list.id}-full`).hidden = !full;
    list.dispatchEvent(new Event('input', { bubbles: true }));
  });

  // What a field offers follows the chosen kind; without scripts it offers everything.
  const offer = (form) => {
    const chosen = form.querySelector('[data-offers]:checked');
    const field = form.querySelector('[data-offered]');
    if (!chosen || !field) return;
    field.placeholder = chosen.dataset.example;
    $$('option', field.list).forEach((o) => { o.disabled = o.dataset.kind !== chosen.dataset.offers; });
  };
  on('change', (e) => { if (e.target.matches('[data-offers]')) offer(e.target.form); });

  // The preview: a frame that draws the very card, from what the server makes of the form as it stands, and one for the page of a link.
  const stage = document.querySelector('.stage:has(iframe)');
  const frame = stage?.querySelector('.as-card');
  const linked = stage?.querySelector('.as-page');
  let content;
  let drawing = 0;
  const chosen = (name) => document.querySelector(`[name=${name}]:checked`).value;
  const showPage = ({ page, css }, dark) => {
    // A style sheet of an address of its own would be that of what is published. Light or dark is chosen here, not on this device.
    linked.onload = () => {
      const sheet = new linked.contentWindow.CSSStyleSheet();
      sheet.replaceSync(css.replace('(prefers-color-scheme:dark)', dark ? 'all' : 'not all'));
      linked.contentDocument.adoptedStyleSheets = [sheet];
    };
    linked.srcdoc = policy.createHTML(page);
  };
  const show = () => {
    if (!content) return;
    const told = JSON.parse(content);
    const dark = chosen('preview_page') === 'dark';
    frame.hidden = 'page' in told;
    if (linked) linked.hidden = !frame.hidden;
    if (frame.hidden) showPage(told, dark);
    // A sandboxed frame has no origin that could be named.
    else frame.contentWindow.postMessage({ content: told, dark }, '*');
  };
  // Adding and saving load the page anew: what was chosen here stays, for this question in this tab.
  const keptAs = `preview ${document.querySelector('form[data-preview]')?.dataset.preview}`;
  const keep = () => sessionStorage.setItem(keptAs, JSON.stringify($$('[type=radio][name^=preview_]:checked, select[name^=preview_]').map((el) => [el.name, el.value])));
  const bring = () => {
    for (const [name, value] of JSON.parse(sessionStorage.getItem(keptAs) ?? '[]')) {
      const el = $$(`[name=${name}]`).flatMap((one) => [...(one.options ?? [one])]).find((one) => one.value === value);
      if (el) el[el.tagName === 'OPTION' ? 'selected' : 'checked'] = true;
    }
  };
  const size = () => { stage.className = `stage ${chosen('preview_size')}`; };
  const draw = async (form) => {
    if (!frame || !form.dataset.preview) return;
    const mine = ++drawing;
    try {
      const reply = await fetch(form.dataset.preview, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'error' });
      const fresh = await reply.text();
      if (!reply.ok || mine !== drawing || fresh === content) return;
      content = fresh;
      show();
    } catch { /* The last drawing stays. */ }
  };
  addEventListener('message', (e) => {
    if (frame && e.source === frame.contentWindow && e.data === 'ready') { content = ''; draw(document.querySelector('form[data-preview]')); }
  });
  // It may have said so before anybody listened.
  frame?.contentWindow.postMessage('ready?', '*');
  on('change', (e) => {
    if (e.target.matches('[name^=preview_]')) keep();
    if (e.target.matches('[name=preview_size]')) size();
    if (e.target.matches('[name=preview_page]')) show();
    if (e.target.matches('[name=preview_language], [name=preview_wording]')) draw(e.target.form);
  });
  // On a wide page the frame is shown smaller than it is.
  if (stage) {
    new ResizeObserver(() => stage.style.setProperty('--fit', Math.min(1, stage.clientWidth / 500))).observe(stage);
    if (matchMedia('(max-width: 999px)').matches) document.querySelector('[name=preview_size][value=phone]').checked = true;
    bring();
    size();
  }
  on('focusin', (e) => {
    const question = e.target.closest('[data-question]');
    const form = question?.closest('form');
    if (!form || form.elements.shown.value === question.dataset.question) return;
    form.elements.shown.value = question.dataset.question;
    draw(form);
  });

  // The plain sentences: data-told names the elements that say what the form means, in the server's words, a line each.
  let turn = 0;
  const tell = async (form) => {
    const mine = ++turn;
    await new Promise((done) => { setTimeout(done, 300); });
    if (mine !== turn) return;
    draw(form);
    const body = new URLSearchParams(new FormData(form));
    body.set('do', 'sentence');
    try {
      const reply = await fetch(form.action, { method: 'POST', body, redirect: 'error' });
      const lines = (await reply.text()).split('\n');
      if (!reply.ok || mine !== turn) return;
      form.dataset.told.split(' ').forEach((id, line) => { document.getElementById(id).textContent = lines[line] ?? ''; });
    } catch { /* The last sentence stays. */ }
  };

  // Unsaved changes: the hint beside the button, nothing that holds anyone back.
  on('input', (e) => {
    const form = e.target.closest('form[data-unsaved]');
    if (!form) return;
    $$('.unsaved', form).forEach((hint) => { hint.hidden = false; });
    if (e.target.matches('[data-title-of]')) e.target.closest('[data-question]').querySelector('[data-title]').textContent = e.target.value;
    if (form.dataset.told) tell(form);
    else draw(form);
  });

  // Which parts of a form are open goes along with it, so that they are open afterwards too.
  on('formdata', (e) => $$('details.part[open]', e.target).forEach((part) => e.formData.append('open', part.dataset.key)));

  // One open menu at a time; Escape and a click elsewhere close menus and definitions.
  const pops = '.menu[open], .definition[open]';
  on('click', (e) => $$(pops).forEach((d) => { if (!d.contains(e.target)) d.open = false; }));
  on('keydown', (e) => {
    if (e.key !== 'Escape') return;
    $$(pops).forEach((d) => { d.open = false; d.querySelector('summary').focus(); });
  });

  // Selects that send their form when changed; their button stays for everyone else.
  on('change', (e) => { if (e.target.matches('[data-submit]')) e.target.form.requestSubmit(); });

  showScripted(document);
  $$('[data-live]').forEach(live);
  $$('form').forEach(offer);
})();
