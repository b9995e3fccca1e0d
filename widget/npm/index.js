// Loads the script of your own Exitpoll server. Nothing of the widget is in this package: what visitors get is always what the server serves.

const inBrowser = typeof window !== 'undefined' && typeof document !== 'undefined';

/** Calls made before the script has come wait in its queue. */
function stub() {
  window.exitpoll ||= function () {
    (window.exitpoll.q ||= []).push(arguments);
  };
  return window.exitpoll;
}

/** Loads the script once. Without a window, as when a page is rendered on a server, nothing happens. */
export function init({ src, consent, nonce }) {
  if (!inBrowser) return;
  const queue = stub();
  if (consent) queue('consent', consent);
  for (const script of document.scripts) if (script.src === new URL(src, document.baseURI).href) return;
  const script = document.createElement('script');
  script.async = true;
  script.src = src;
  if (nonce) script.nonce = nonce;
  document.head.append(script);
}

/** The commands of the page, before the script has come too. */
export function exitpoll(name, ...values) {
  if (name === 'on') return inBrowser ? on(...values) : () => {};
  if (name === 'token') return inBrowser ? token(...values) : Promise.resolve(undefined);
  if (inBrowser) stub()(name, ...values);
}

function on(event, listener) {
  const told = ({ detail }) => listener(detail);
  addEventListener('exitpoll:' + event, told);
  return () => removeEventListener('exitpoll:' + event, told);
}

function token(tell) {
  return new Promise((resolve) =>
    stub()('token', (value) => {
      resolve(value);
      tell?.(value);
    }),
  );
}

export default exitpoll;
