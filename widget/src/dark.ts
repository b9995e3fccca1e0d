/** A page with light text is a dark page, however it came to be dark. */
export function pageIsDark(): boolean {
  const { color } = getComputedStyle(document.body);
  const [first = 0, second = 0, third = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  const lightness = /^rgb/.test(color) ? (first + second + third) / 765 : /^l/.test(color) ? first / 100 : first;
  return lightness > 0.6;
}
