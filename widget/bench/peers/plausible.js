// Plausible's own tracker with everything it tracks by itself switched on.
import { init } from '@plausible-analytics/tracker';

init({
  domain: 'shop.example',
  endpoint: new URL('/api/event', document.currentScript.src).href,
  outboundLinks: true,
  fileDownloads: true,
  formSubmissions: true,
  captureOnLocalhost: true,
});
