// A page as a screen reader has it: the tree that the browser gives to assistive technology, and what is wrong with it.
// Every check is about the tree or about what a keyboard meets, never about how a template is written.

/** Roles of what somebody acts on. */
const ACTED_ON = ["link", "button", "textbox", "searchbox", "combobox", "checkbox", "radio", "Date", "DisclosureTriangle"];
/** Landmarks of which a page may have several, so that each needs a name. */
const NAMED = ["navigation", "complementary", "region"];

/** The tree, flat and in reading order: of each node its role, name, element and the nodes around it, the nearest first. */
async function readTree(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const read = (node, around) => {
    const property = (name) => node.properties?.find((one) => one.name === name)?.value.value;
    const one = { role: node.role?.value, name: (node.name?.value ?? "").trim(), level: property("level"), url: property("url"), around };
    const inside = node.ignored ? around : [one, ...around];
    const children = (node.childIds ?? []).flatMap((id) => (byId.has(id) ? read(byId.get(id), inside) : []));
    one.inside = children;
    return node.ignored ? children : [one, ...children];
  };
  return read(nodes[0], []);
}

const of = (tree, ...roles) => tree.filter(({ role }) => roles.includes(role));
const text = (node) => of(node.inside, "StaticText").map(({ name }) => name).join(" ").trim() || node.name;

/** One heading of the first level, and none that skips a level on the way down. */
function headings(tree) {
  const all = of(tree, "heading");
  const first = all.filter(({ level }) => level === 1);
  const jumps = all.filter(({ level }, index) => level > (all[index - 1]?.level ?? 0) + 1);
  return [
    ...(first.length === 1 ? [] : [`${first.length} headings of level 1`]),
    ...all.filter(({ name }) => !name).map(({ level }) => `a heading of level ${level} without words`),
    ...jumps.map(({ name, level }) => `“${name}” of level ${level} skips a level`),
  ];
}

function landmarks(tree) {
  const main = of(tree, "main").length;
  const several = of(tree, ...NAMED);
  const unnamed = several.filter(({ name }) => !name);
  const told = several.map(({ role, name }) => `${role} “${name}”`);
  const twice = told.filter((one, index) => told.indexOf(one) !== index);
  return [
    ...(main === 1 ? [] : [`${main} landmarks “main”`]),
    ...unnamed.map(({ role }) => `a landmark “${role}” without a name`),
    ...twice.map((one) => `two landmarks ${one}`),
  ];
}

/** Every table has a name of its own, a header to each column and to each row; on a phone cells say by themselves which column they are of. */
function tables(tree, stacked) {
  const wrong = of(tree, "LayoutTable", "grid").map((table) => `a table is none to a screen reader: “${text(table).slice(0, 60)}”`);
  const names = new Map();
  for (const table of of(tree, "table")) {
    const told = table.name ? `the table “${table.name}”` : `a table without a name: “${text(table).slice(0, 60)}”`;
    if (!table.name) wrong.push(told);
    else if (names.has(table.name)) wrong.push(`two tables are called “${table.name}”`);
    names.set(table.name, table);
    const isStacked = stacked.includes(table.name);
    const mine = (node) => node.around.find(({ role }) => role === "table") === table;
    const rows = of(table.inside, "row").filter(mine);
    const cells = rows.map((row) => of(row.inside, "cell", "gridcell", "columnheader", "rowheader").filter((cell) => cell.around.find(({ role }) => role === "row") === row));
    const [head, ...body] = cells;
    if (isStacked) body.unshift(head);
    else for (const cell of head?.filter(({ role }) => role !== "columnheader") ?? [undefined]) wrong.push(`${told}: “${cell ? text(cell) : ""}” in the first row is no header`);
    for (const cell of cells.flat().filter(({ role }) => role.endsWith("header"))) if (!text(cell)) wrong.push(`${told}: a header without words`);
    for (const row of body) if (!row.some(({ role }) => role.endsWith("header"))) wrong.push(`${told}: no header of the row “${row.map(text).join(" | ").slice(0, 80)}”`);
    const widths = new Set(body.filter((row) => row.length > 1).map((row) => row.length));
    if (widths.size > 1) wrong.push(`${told}: rows of ${[...widths].join(" and ")} cells`);
  }
  return wrong;
}

/** Whatever is acted on has a name; two links of one name lead to the same, or stand in rows whose header tells them apart. */
function names(tree) {
  const wrong = of(tree, ...ACTED_ON).filter(({ name }) => !name).map((node) => `${node.role} without a name in “${node.around.map((one) => one.name).find(Boolean)}”`);
  const links = new Map();
  for (const link of of(tree, "link")) {
    const row = link.around.find(({ role }) => role === "row");
    const header = row ? of(row.inside, "rowheader").map(text).join(" ") : "";
    const told = `${link.name} (${header})`;
    const other = links.get(told);
    if (other && other !== link.url) wrong.push(`two links “${link.name}” lead to ${other} and ${link.url}`);
    links.set(told, link.url);
  }
  for (const role of ["button", "DisclosureTriangle"]) {
    const all = of(tree, role).filter(({ around }) => around.every(({ role }) => role !== "Date")).map(({ name }) => name);
    for (const name of new Set(all.filter((one, index) => one && all.indexOf(one) !== index))) wrong.push(`two of “${role}” are called “${name}”`);
  }
  return wrong;
}

/** A drawing that is not hidden has a name and a description, and a table in the same figure. */
function drawings(tree) {
  return of(tree, "image", "img", "graphics-document", "SvgRoot").flatMap((image) => {
    const figure = image.around.find(({ role }) => role === "figure");
    if (!image.name) return ["a drawing without a name"];
    return of(figure?.inside ?? [], "table").length > 0 ? [] : [`no table beside the drawing “${image.name}”`];
  });
}

/** Nothing speaks by itself inside of a part that changes every few seconds. */
const chatter = (page) =>
  page.locator("[data-live]").evaluateAll((parts) =>
    parts.flatMap((part) => {
      const loud = [part, ...part.querySelectorAll("*"), ...(part.parentElement?.closest("[aria-live]") ? [part.parentElement] : [])];
      return loud.filter((one) => one.matches("[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log]")).map((one) => `speaks at every change: ${one.outerHTML.slice(0, 80)}`);
    }),
  );

/** What the tree does not say: the language, a title, ids that are there twice, words that only a hover shows, figures without the name of their column. */
const unsaid = (page) =>
  page.evaluate(() => {
    const wrong = [];
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    if (!document.documentElement.lang) wrong.push("no language");
    if (!/^.+ · .+ · Exitpoll$/.test(document.title)) wrong.push(`the title does not say page and site: ${document.title}`);
    for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) wrong.push(`two elements are #${id}`);
    for (const link of document.querySelectorAll('main a[href^="#"]')) if (!ids.includes(link.hash.slice(1))) wrong.push(`${link.hash} leads nowhere`);
    for (const one of document.querySelectorAll("main [title]")) if (!one.matches("button, a, iframe")) wrong.push(`told on hover only: ${one.title}`);
    for (const table of document.querySelectorAll("table")) {
      if (table.tHead?.checkVisibility() || table.tHead?.matches(".quiet")) continue;
      for (const cell of table.querySelectorAll("td.num:not([data-label])")) if (cell.textContent.trim()) wrong.push(`a cell does not say what it is: ${cell.textContent}`);
    }
    return wrong;
  });

/** Every place that the keyboard comes to is seen to have the focus. */
const focus = (page) =>
  page.evaluate(() => {
    const wrong = [];
    for (const one of document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")) {
      if (!one.checkVisibility()) continue;
      const told = (style) => [style.outlineStyle !== "none" && style.outlineWidth, style.boxShadow, style.borderColor, style.backgroundColor].join();
      const before = told(getComputedStyle(one));
      one.focus({ preventScroll: true, focusVisible: true });
      if (document.activeElement === one && told(getComputedStyle(one)) === before) wrong.push(`no sign of focus: ${one.outerHTML.slice(0, 100)}`);
    }
    return wrong;
  });

/** Everything that is wrong with the page, with all that can be opened open. */
export async function complaints(page) {
  await page.evaluate(() => document.querySelectorAll("main details").forEach((one) => (one.open = true)));
  const tree = await readTree(page);
  const stacked = await page.locator("table").evaluateAll((all) =>
    all.filter((table) => !table.tHead?.checkVisibility()).map((table) => table.caption?.textContent.trim()),
  );
  const read = [headings, landmarks, tables, names, drawings].flatMap((part) => part(tree, stacked));
  return [...read, ...(await chatter(page)), ...(await unsaid(page)), ...(await focus(page))];
}

/** What a page says from top to bottom, without what only holds with scripts. */
export const said = (page) =>
  page.evaluate(() => {
    for (const one of document.querySelectorAll("[data-scripted], [data-copy]")) one.remove();
    return document.querySelector("main").textContent.replace(/\s+/g, " ").trim();
  });
