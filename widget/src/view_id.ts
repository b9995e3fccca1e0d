/** UUIDv7 layout without dashes, so that ids are ordered in time; `crypto.randomUUID` is neither ordered nor there on plain http. */
export const viewId = (): string =>
  ('0' + Date.now().toString(16) + '7xxx8xxxxxxxxxxxxxxx').replace(/x/g, () => Math.random().toString(16)[2]!);
