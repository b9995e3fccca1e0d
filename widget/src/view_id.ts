/** UUIDv7 layout, so that ids are ordered in time; `crypto.randomUUID` is neither ordered nor there on plain http. */
export function viewId(): string {
  const stamp = '0' + Date.now().toString(16);
  return 'xxxxxxxx-xxxx-7xxx-8xxx-xxxxxxxxxxxx'.replace(
    /x/g,
    (_, at: number) => stamp[at > 8 ? at - 1 : at] ?? ((Math.random() * 16) | 0).toString(16),
  );
}
