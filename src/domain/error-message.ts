/**
 * What an `errorMessage` is worth as a label and as an event. Atlas writes these texts for people: they embed ids, may
 * change between releases, and may be set while the status is not FAILED.
 */

import { hash } from 'node:crypto';
import { plainLine } from './plain-line.ts';
import { withoutBeginning, withoutEnd } from './without-ends.ts';

export type ErrorClass = (typeof classes)[number][0] | 'other';

/**
 * First match wins, so the narrower patterns stand first. A pattern is a row of parts that follow one another, however far
 * apart: as one pattern with `.*` they would take quadratic time over texts that hold many first parts.
 */
const classes = [
  ['recreating', [[/\brecreat(?:e|ed|ing|ion)\b/gi]]],
  ['cloud_api_error', [[/\b(?:AWS|Azure|GCP|Google(?: Cloud)?) API\b/gi], [/\bcode=\S/gi, /\bmessage=/gi]]],
  ['endpoint_not_found', [[/\b(?:endpoint|forwarding rule)s?\b/gi, /\bnot (?:be )?found\b/gi]]],
  ['not_approved', [[/\bnot (?:be )?(?:approved|accepted)\b/gi], [/\breject(?:ed|ion)\b/gi]]],
  ['quota_exceeded', [[/\b(?:quota|limit)s?\b/gi, /\b(?:exceeded|reached)\b/gi]]],
  ['permission_denied', [[/\bpermissions?\b/gi], [/\bdenied\b/gi], [/\bnot authorized\b/gi]]],
  ['creation_failed', [[/\bfail(?:ed|ure) to create\b/gi], [/\bcreation failed\b/gi], [/\bnot be created\b/gi]]],
  ['not_found', [[/\bnot (?:be )?found\b/gi], [/\bdoes not exist\b/gi]]],
] as const satisfies readonly (readonly [string, readonly (readonly RegExp[])[]])[];

/** What an error speaks of stands at its beginning: of the rest nothing is looked for. In UTF-16 code units. */
export const headLength = 1_024;

/** What stands for what in a normalised text. In this order: the longer forms hold the shorter ones. */
const replacements: readonly (readonly [RegExp, string])[] = [
  [/\barn:[^\s"',;)\]}]+/g, '<arn>'],
  [/\/subscriptions\/[^\s"',;)\]}]+/gi, '<resource>'],
  [/\bprojects\/[^\s"',;)\]}]+/g, '<resource>'],
  [/(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g, '<address>'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b(?:[a-z]{2,8}-){1,3}[0-9a-f]{8,17}\b/g, '<id>'],
  [/(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?:\/\d{1,3})?/gi, '<address>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?\b/g, '<address>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b/gi, '<id>'],
  [/\d+/g, '<n>'],
];

/** How long a message is kept, in UTF-16 code units. */
const keptLength = 16_384;
/**
 * Atlas' field as the exporter keeps it: missing, empty and blank are null, and one of over 16 KiB is cut and marked. The
 * hash in the mark is that of the whole: two such messages differ when they did.
 */
export function toErrorMessage(text: string | null | undefined): string | null {
  if (text === null || text === undefined || text.trim() === '') return null;
  if (text.length <= keptLength) return text;
  // The copy is made by way of bytes: a slice would keep the whole text in memory.
  const kept = Buffer.from(text.slice(0, keptLength)).toString();
  return `${kept}\n[cut from ${text.length} characters, SHA-256 ${hash('sha256', text)}]`;
}

/** Names of regions in which a number tells one from another: of AWS, GCP, Azure, and in Atlas' own form. */
const regions = [
  /\b(?:us|eu|ap|sa|ca|me|af|il|mx|cn)(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central){1,2}-\d{1,2}(?!\d)/,
  /\b(?:us|europe|asia|australia|northamerica|southamerica|me|africa)-(?:north|south|east|west|central){1,2}\d{1,2}(?!\d)/,
  /\b(?:(?:north|south|east|west|central){1,2}us|australiacentral)\d\b/,
  /\b[A-Z]{2,12}(?:_[A-Z]{2,12}){0,3}_\d{1,2}\b/,
];
const region = new RegExp(`(${regions.map(({ source }) => source).join('|')})`);

/**
 * The text with ids, ARNs, addresses and numbers replaced, except what `isKnown` names (interface endpoints and their
 * members) and regions: "another endpoint is broken" is another message, "the same with another request number" is not.
 * The rest of a text of over 1 KiB stays as it is, and so does the mark of one that was cut.
 */
export function normaliseErrorMessage(text: string, isKnown: (name: string) => boolean): string {
  const head = withoutNumbers(text.slice(0, headLength), isKnown).replace(/\s+/g, ' ').trim();
  return head + text.slice(headLength);
}

function withoutNumbers(text: string, isKnown: (name: string) => boolean): string {
  return piecesOf(text, isKnown)
    .map(({ text, isName }) => (isName ? text : replaceNumbers(text)))
    .join('');
}

/** What stands for a text that names nothing. */
function replaceNumbers(text: string): string {
  return text
    .split(region)
    .map((piece, index) => (index % 2 === 1 ? piece : replaceAll(piece)))
    .join('');
}

interface Piece {
  readonly text: string;
  readonly isName: boolean;
}

/**
 * Names are looked up, word by word: to search the text for each of thousands of names would take minutes. A path of Azure
 * is a word with all that belongs to it; every other name has letters, digits, hyphens and underscores.
 */
function piecesOf(text: string, isKnown: (name: string) => boolean): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const found = (name: string, at: number) => {
    pieces.push({ text: text.slice(from, at), isName: false }, { text: name, isName: true });
    from = at + name.length;
  };
  for (const { 0: chunk, index } of text.matchAll(/[^\s"',;]+/g)) {
    const bare = withoutMarks(chunk);
    if (isKnown(chunk)) found(chunk, index);
    else if (isKnown(bare)) found(bare, index + chunk.indexOf(bare));
    else if (bare.length > 0 && /[^\w-]/.test(bare)) {
      let at = index;
      for (const part of chunk.split(/([^\w-]+)/)) {
        if (isKnown(part)) found(part, at);
        at += part.length;
      }
    }
  }
  pieces.push({ text: text.slice(from), isName: false });
  return pieces;
}

/** A word less the marks that a sentence puts around a name. */
function withoutMarks(word: string): string {
  return withoutBeginning(withoutEnd(word, ')]}>.:!?'), '([{<');
}

/** The first 8 hex digits of the SHA-256 of a normalised text. */
export function errorDigest(normalised: string): string {
  return hash('sha256', normalised).slice(0, 8);
}

/** Which of a small closed set of causes a text speaks of. */
export function errorClass(text: string): ErrorClass {
  const head = text.slice(0, headLength);
  return classes.find(([, patterns]) => patterns.some((parts) => followOneAnother(parts, head)))?.[0] ?? 'other';
}

const longest = 300;

/** The text as the `error_message` label shows it: one line, no control or bidi characters, at most 300 code points. */
export function shownErrorMessage(text: string): string {
  const line = plainLine(text.slice(0, longest * 8)).trim();
  const points = [...line];
  return points.length > longest ? points.slice(0, longest).join('') : line;
}

/** Whether each part is found behind the one before it. Each is searched for once: the first place is as good as any. */
function followOneAnother(parts: readonly RegExp[], text: string): boolean {
  let from = 0;
  return parts.every((part) => {
    part.lastIndex = from;
    const isFound = part.test(text);
    from = part.lastIndex;
    return isFound;
  });
}

function replaceAll(text: string): string {
  return replacements.reduce((replaced, [pattern, by]) => replaced.replace(pattern, by), text);
}
