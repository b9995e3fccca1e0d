/** Text written by the developer of the page; what could be about a person is taken out. */
export const clean = (text: string | null | undefined): string =>
  (text ?? '')
    .slice(0, 512)
    .replace(/(\S*@\S*|\p{N}|\s)+/gu, ' ')
    .trim()
    .slice(0, 64);
