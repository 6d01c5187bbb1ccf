/** Texts from outside in one line, for terminals, labels and logs for people. */

const lineBreaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** Controls, marks that turn the direction of writing, and what else has no shape of its own. */
const unseen = /[\p{Cc}\p{Cf}]/gu;

/**
 * The text in one line that shows what it holds: a run of line breaks and tabs is one space; control characters, marks of
 * direction (bidi) and invisible ones are left out; a lone surrogate is U+FFFD. So no name or message can steer a terminal,
 * forge a line, or turn the text behind it around.
 */
export function plainLine(text: string): string {
  return text.toWellFormed().replace(lineBreaks, ' ').replace(unseen, '');
}
