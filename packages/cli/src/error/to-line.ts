/** Makes one line of a text. Parts of it come from servers and files, so it must not control the terminal. */
export function toLine(text: string): string {
  return text.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
}
