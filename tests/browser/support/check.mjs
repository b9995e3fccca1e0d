// What must hold of everything that we put on a page: axe finds nothing, and nothing that was there moves.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const AXE = fileURLToPath(new URL("../../../widget/node_modules/axe-core/axe.min.js", import.meta.url));
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds wrong with the part of the page that the selector names. */
export async function violations(page, selector) {
  const source = await readFile(AXE, "utf8");
  return page.evaluate(
    async ([source, selector, values]) => {
      (0, eval)(source);
      const { violations } = await globalThis.axe.run(selector, { runOnly: { type: "tag", values } });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    },
    [source, selector, RULES],
  );
}

/** Adds up the layout shifts that visitors did not cause; to be called before the page is opened. */
export const watchShifts = (page) =>
  page.addInitScript(() => {
    globalThis.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifts += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });

export const shifts = (page) => page.evaluate(() => globalThis.shifts);

/** Once nothing moves any more. */
export const settled = (page, selector = "exitpoll-card") =>
  page.locator(selector).evaluate((host) => {
    const parts = [host, ...(host.shadowRoot?.querySelectorAll("*") ?? [])];
    return Promise.all(parts.flatMap((part) => part.getAnimations()).map(({ finished }) => finished)).then(() => {});
  });
