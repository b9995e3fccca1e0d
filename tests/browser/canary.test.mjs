// What a visitor types, and what a page knows of a person, is put wherever the script could come by it. It may appear nowhere:
// not in a request, not on the device, not in the log, not in the database, however it is written there.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { test } from "node:test";
import { card, launch, leaveUntilAsked, started } from "./support/browser.mjs";
import { signUp } from "./support/owner.mjs";
import { startService } from "./support/service.mjs";

const WORD = "QuietCanary";
const EMAIL = "quietcanary@aviary.example";
const CARD = "4929000012345675";
const BIRTHDAY = "1987-06-05";
const PHONE = "+49 30 7274913";
/** However a value may be written; digits of a card and a phone also without their spaces. */
const CANARIES = [WORD, EMAIL, CARD, BIRTHDAY, PHONE, "307274913", "0307274913", "Jane Finch"];
const encodings = (canary) => {
  const shifted = ["", " ", "  "].map((before) => Buffer.from(before + canary).toString("base64").slice(before ? 4 : 0, -4));
  return [canary, encodeURIComponent(canary), Buffer.from(canary).toString("hex"), ...shifted].filter((text) => text.length > 6);
};
const FORBIDDEN = CANARIES.flatMap(encodings).map((text) => text.toLowerCase());

const KINDS = ["text", "search", "url", "tel", "number", "date", "month", "time", "week", "datetime-local", "color", "range"];
const TYPED = { number: "7274913", date: BIRTHDAY, tel: PHONE, url: `https://aviary.example/?who=${WORD}`, month: "1987-06", time: "07:27", week: "1987-W23", "datetime-local": `${BIRTHDAY}T07:27`, color: "#727491", range: "73" };
const BODY = `
<form id="everything" method="post" action="/next" data-exitpoll-form="signup">
${KINDS.map((kind) => `<label>${kind} <input type="${kind}" name="plain_${kind}"></label>`).join("")}
<label>E-mail <input type="email" name="mail" autocomplete="email"></label>
<label>Password <input type="password" name="pass"></label>
<label>Name on card <input name="cc_name" autocomplete="cc-name"></label>
<label>Card <input name="cc_number" autocomplete="cc-number"></label>
<label>Month <input name="cc_month" autocomplete="cc-exp-month"></label><label>Year <input name="cc_year" autocomplete="cc-exp-year"></label>
<label>Code <input name="code" autocomplete="one-time-code"></label>
<label>Story <textarea name="story"></textarea></label>
<label>Size <select name="size"><option>Small</option><option value="${WORD}">${WORD}</option></select></label>
<label>Colours <select name="colours" multiple><option>Red</option><option value="${WORD}">${WORD}</option></select></label>
<label><input type="checkbox" name="tick" value="${WORD}"> Tick</label><label><input type="radio" name="pick" value="${WORD}"> Pick</label>
<input type="hidden" name="secret" value="${WORD}"><input type="file" name="upload">
<label>Listed <input name="listed" list="list"></label><datalist id="list"><option value="${WORD}"></datalist>
<output>${WORD}</output><button name="way" value="${WORD}">Go on</button></form>
<div id="loose"><input name="no_form" aria-label="No form"><input name="no_form_either" aria-label="Nor here"></div>
<div id="editable" contenteditable aria-label="Notes"></div>
<div id="box" role="textbox" contenteditable aria-label="More notes"></div>
<button id="echo" contenteditable>Write here</button>
<div role="combobox" aria-haspopup="listbox"><a id="suggestion" href="#">${WORD} Street 5</a></div>
<p id="copied">${WORD} ${EMAIL}</p>
<button id="out" type="button">Sign out ${EMAIL}</button>
<button id="call" type="button" aria-label="Call ${PHONE}">Call</button>
<a id="person" href="/next?mail=${encodeURIComponent(EMAIL)}#${WORD}">Profile</a>
<a id="mailto" href="mailto:${EMAIL}">Write</a><a id="tel" href="tel:${PHONE}">Ring</a>
<p style="height:1800px"></p>`;

const page = (snippet) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${WORD} ${EMAIL}</title>
<meta name="referrer" content="unsafe-url"><meta name="author" content="${WORD}"><link rel="canonical" href="/signup?who=${WORD}">
<script>dataLayer=[{user_data:{email:"${EMAIL}",phone_number:"${PHONE}",address:{first_name:"Jane Finch"}},user_id:"${WORD}"},
{event:"purchase",ecommerce:{transaction_id:"T1",value:9,currency:"EUR",coupon:"${WORD}",items:[{item_name:"${WORD}"}]},user_data:{email:"${EMAIL}"}}];
window.user={name:"Jane Finch",email:"${EMAIL}"};document.cookie="who=${WORD}";localStorage.setItem("page_own","${WORD}");</script>
${snippet}</head><body>${BODY}</body></html>`;

/** A site of another origin that sends the whole address along, wherever the browser lets it. */
async function startAviary() {
  const site = { snippet: "" };
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/html" }).end(page(site.snippet));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  site.origin = `http://127.0.0.1:${server.address().port}`;
  site.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return site;
}

/** A request with its headers and body. Which address a script is asked for from is the page's own policy. */
async function written(request) {
  const { referer, ...headers } = await request.allHeaders();
  // The site's own cookies go to every file of its host with the script tag of the page; what we send ourselves goes without.
  if (request.resourceType() === "script") delete headers.cookie;
  return JSON.stringify([request.url(), request.method() === "GET" ? headers : { ...headers, referer }, request.postData()]);
}

/** What of the forbidden stands in the text. */
const found = (text) => {
  const low = text.toLowerCase();
  return FORBIDDEN.filter((word) => low.includes(word));
};

for (const [consent, measured] of [[undefined, false], ["granted", false], [undefined, true]]) {
  const how = (consent ? "known again" : "without consent") + (measured ? ", with figures for each field" : "");
  test(`nothing of a person leaves the page, ${how}`, async (t) => {
    const browser = await launch();
    const service = await startService({ env: { EXITPOLL_LOG: "trace" } });
    const site = await startAviary();
    t.after(() => Promise.all([browser.close(), service.stop()]).then(site.stop));
    const owner = await signUp(service);
    const key = await owner.addSite(site.origin);
    await owner.addFunnel(key);
    await owner.addPrompt(key, "form_abandoned");
    if (measured) await owner.send(`/sites/${key}/settings/fields`, { measures_fields: "1" }, `/sites/${key}/settings`);
    site.snippet = `<script async src="${service.url}/x/${key}.js"></script>`;

    const context = await browser.newContext();
    await context.addInitScript(() => Object.defineProperty(navigator, "webdriver", { get: () => false }));
    const tab = await context.newPage();
    const requests = [];
    tab.on("request", (request) => {
      if (request.url().startsWith(service.url)) requests.push(written(request));
    });

    await started(tab, () => tab.goto(`${site.origin}/before?mail=${encodeURIComponent(EMAIL)}`));
    const address = `/signup?mail=${encodeURIComponent(EMAIL)}&token=${WORD}#${WORD}`;
    await started(tab, () => tab.evaluate((to) => location.assign(to), address));
    if (consent) await tab.evaluate((answer) => exitpoll("consent", answer), consent);
    await typeEverywhere(tab);
    await clickEverything(tab);
    await leaveUntilAsked(tab);
    const answered = tab.waitForResponse((response) => (response.request().postData() ?? "").includes('"done":'));
    await card(tab).getByRole("radio").first().click();
    await card(tab).getByRole("button", { name: "Send" }).click();
    await answered;
    const moved = tab.waitForResponse((response) => (response.request().postData() ?? "").includes("/signup/step"));
    await tab.evaluate(([word, mail]) => {
      dataLayer.push({ event: "sign_up", method: word, user_data: { email: mail } }, { event: word, email: mail });
      history.pushState({ who: word }, "", `/signup/step?mail=${mail}#${word}`);
      document.title = `${word} once more`;
    }, [WORD, EMAIL]);
    await moved;
    const device = await tab.evaluate(() => JSON.stringify(Object.entries(localStorage).filter(([name]) => name !== "page_own")) + JSON.stringify({ ...sessionStorage }));
    await started(tab, () => tab.goto(`${site.origin}/u/${EMAIL}/orders`));
    const sent = await Promise.all(requests);
    await tab.close();

    // The address of this page is part of the path, which leaves the page; it is made unreadable before it is kept.
    const before = sent.filter((text) => !text.includes("/orders"));
    assert.ok(before.join().includes("plain_text") && before.join().includes("purchase"), "the visit was recorded");
    assert.equal(before.join().includes("field_left"), measured, "fields were measured where that is switched on");
    assert.deepEqual(before.filter((text) => found(text).length > 0), [], "requests");
    assert.deepEqual(found(device), [], "on the device");
    const pages = await Promise.all(["", "/answers", "/goals", "/reports", "/reports/quality"].map((path) => owner.get(`/sites/${key}${path}?automated=1`)));
    assert.deepEqual(found(pages.map(({ text }) => text).join("\n")), [], "admin pages");
    assert.deepEqual(found((await service.bytesOnDisk()).toString("latin1")), [], "bytes on disk");
    const { text, rows } = await service.readDatabase();
    assert.ok(rows > 20, "the database was read");
    assert.deepEqual(found(text), [], "the database, value by value");
    assert.deepEqual(found(service.log()), [], "the log");
  });
}

async function typeEverywhere(tab) {
  for (const kind of KINDS) {
    const field = tab.locator(`[name=plain_${kind}]`);
    const text = TYPED[kind] ?? WORD;
    if (/text|search|url|tel|number/.test(kind)) await field.pressSequentially(text);
    else await field.fill(text);
  }
  await tab.locator("[name=mail]").pressSequentially(EMAIL);
  for (const name of ["pass", "code", "story", "listed", "no_form", "no_form_either"]) await tab.locator(`[name=${name}]`).pressSequentially(WORD);
  for (const name of ["#editable", "#box", "#echo"]) {
    await tab.locator(name).click();
    await tab.keyboard.type(`${WORD} ${EMAIL}`);
  }
  await tab.selectOption("[name=size]", WORD);
  await tab.selectOption("[name=colours]", WORD);
  await tab.check("[name=tick]");
  await tab.check("[name=pick]");
  await tab.setInputFiles("[name=upload]", { name: `${WORD}.txt`, mimeType: "text/plain", buffer: Buffer.from(WORD) });
  await autofill(tab);
}

/** The browser itself fills in a card that it knows: no key is pressed. */
async function autofill(tab) {
  const session = await tab.context().newCDPSession(tab);
  await session.send("Autofill.enable");
  const { root } = await session.send("DOM.getDocument");
  const { nodeId } = await session.send("DOM.querySelector", { nodeId: root.nodeId, selector: "[name=cc_number]" });
  const { node } = await session.send("DOM.describeNode", { nodeId });
  const details = { number: CARD, name: "Jane Finch", expiryMonth: "06", expiryYear: "2031", cvc: "727" };
  await session.send("Autofill.trigger", { fieldId: node.backendNodeId, card: details });
  await tab.waitForFunction((number) => document.querySelector("[name=cc_number]").value === number, CARD);
}

async function clickEverything(tab) {
  await tab.evaluate(() => document.addEventListener("click", (event) => event.target.closest("a,button[name=way]") && event.preventDefault()));
  for (const id of ["echo", "suggestion", "out", "call", "person", "mailto", "tel"]) await tab.click(`#${id}`);
  await tab.evaluate(() => getSelection().selectAllChildren(document.querySelector("#copied")));
  await tab.keyboard.press("Control+c");
}
