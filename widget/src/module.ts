/** The folder our own script came from; works behind any path prefix of the site's own proxy. */
export const base = (document.currentScript as HTMLScriptElement | null)?.src.replace(/[^/]*$/, '');
