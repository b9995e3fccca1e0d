// The owner of a service, signed in: sends the same forms as the admin pages.
export const EMAIL = "owner@example.com";
export const PASSWORD = "four plain words together";

export async function signUp(service) {
  const owner = new Owner(service.url);
  await owner.send("/setup", { link: "", email: EMAIL, password: PASSWORD });
  return owner;
}

class Owner {
  #cookie = "";

  constructor(url) {
    this.url = url;
  }

  async get(path) {
    const response = await fetch(this.url + path, { headers: { cookie: this.#cookie }, redirect: "manual" });
    return { status: response.status, location: response.headers.get("location"), text: await response.text() };
  }

  /** Posts a form; `from` is the page that it stands on, which proves it. Fields may be lists. */
  async send(path, fields, from) {
    const body = new URLSearchParams();
    if (from) body.append("csrf", await this.#proof(from));
    for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
    const response = await fetch(this.url + path, {
      method: "POST",
      headers: { cookie: this.#cookie, "sec-fetch-site": "same-origin", origin: this.url },
      body,
      redirect: "manual",
    });
    const text = await response.text();
    const given = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    if (given.length > 0) this.#cookie = given.join("; ");
    if (response.status !== 303) throw new Error(`${path} answered ${response.status}: ${plain(text)}`);
    return response.headers.get("location");
  }

  /** A page of a browser that is signed in. */
  async browse(browser) {
    const page = await browser.newPage();
    await page.goto(`${this.url}/sign-in`);
    await page.getByLabel("E-mail").fill(EMAIL);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL((url) => url.pathname !== "/sign-in");
    return page;
  }

  async #proof(page) {
    const { text, status } = await this.get(page);
    const proof = /name="csrf" value="([^"]+)"/.exec(text);
    if (!proof) throw new Error(`${page} (${status}) has no form`);
    return proof[1];
  }

  /** Adds a site that takes events from `origin`; gives its key. */
  async addSite(origin, name = "Shop") {
    const location = await this.send(
      "/sites/new",
      { name, origin, time_zone: "UTC", currency: "EUR" },
      "/sites/new",
    );
    return /site_[a-z0-9]+/.exec(location)[0];
  }

  async addGoal(key, goal) {
    const path = `/sites/${key}/goals`;
    await this.send(path, { stage: "consideration", value: "", ...goal }, path);
  }

  /** The usual three: pricing viewed, sign-up started, signed up. */
  async addFunnel(key) {
    await this.addGoal(key, { name: "Signed up", role: "macro", kind: "form_completed", subject: "signup", value: "49", stage: "decision" });
    await this.addGoal(key, { name: "Pricing viewed", role: "milestone", kind: "url", subject: "/pricing" });
    await this.addGoal(key, { name: "Sign-up started", role: "milestone", kind: "form_started", subject: "signup", stage: "intent" });
  }

  /** Makes a prompt from a template and publishes it; gives its id. */
  async addPrompt(key, template) {
    const base = `/sites/${key}/prompts`;
    const location = await this.send(base, { template }, `${base}/new`);
    const id = /prm_[0-9a-f]+/.exec(location)[0];
    await this.send(`${base}/${id}/publish`, {}, `${base}/${id}`);
    return id;
  }
}

const plain = (html) => html.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").slice(0, 600);
