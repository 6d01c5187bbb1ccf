/** Cuts what stands at the end of a text. A pattern for it would try again at each of a million such characters. */

/** The text without the characters of `ends` at its end. */
export function withoutEnd(text: string, ends: string): string {
  let length = text.length;
  while (length > 0 && ends.includes(text.charAt(length - 1))) length -= 1;
  return text.slice(0, length);
}

/** The text without the characters of `ends` at its beginning. */
export function withoutBeginning(text: string, beginnings: string): string {
  let from = 0;
  while (from < text.length && beginnings.includes(text.charAt(from))) from += 1;
  return text.slice(from);
}
