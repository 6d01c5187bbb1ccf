/**
 * What an `errorMessage` is worth as a label and as an event. Atlas writes these texts for people: they embed ids, may
 * change between releases, and may be set while the status is not FAILED.
 */
import { hash } from 'node:crypto';

export type ErrorClass = (typeof classes)[number][0] | 'other';

/** First match wins, so the narrower patterns stand first. */
const classes = [
  ['recreating', /\brecreat(?:e|ed|ing|ion)\b/i],
  ['cloud_api_error', /\b(?:AWS|Azure|GCP|Google(?: Cloud)?) API\b|\bcode=\S.*\bmessage=/is],
  ['endpoint_not_found', /\b(?:endpoint|forwarding rule)s?\b.*\bnot (?:be )?found\b/is],
  ['not_approved', /\bnot (?:be )?(?:approved|accepted)\b|\breject(?:ed|ion)\b/i],
  ['quota_exceeded', /\b(?:quota|limit)s?\b.*\b(?:exceeded|reached)\b/is],
  ['permission_denied', /\bpermissions?\b|\bdenied\b|\bnot authorized\b/i],
  ['creation_failed', /\bfail(?:ed|ure) to create\b|\bcreation failed\b|\bnot be created\b/i],
  ['not_found', /\bnot (?:be )?found\b|\bdoes not exist\b/i],
] as const;

/** What stands for what in a normalised text. In this order: the longer forms hold the shorter ones. */
const replacements: readonly (readonly [RegExp, string])[] = [
  [/\barn:[^\s"',;)\]}]+/g, '<arn>'],
  [/\/subscriptions\/[^\s"',;)\]}]+/gi, '<resource>'],
  [/\bprojects\/[^\s"',;)\]}]+/g, '<resource>'],
  [/\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g, '<address>'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b(?:[a-z]{2,8}-){1,3}[0-9a-f]{8,17}\b/g, '<id>'],
  [/(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?:\/\d{1,3})?/gi, '<address>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?\b/g, '<address>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b/gi, '<id>'],
  [/\d+/g, '<n>'],
];

/** Atlas' field as we hold it: missing, empty and blank are null. */
export function toErrorMessage(text: string | null | undefined): string | null {
  return text === null || text === undefined || text.trim() === '' ? null : text;
}

/**
 * The text with ids, ARNs, addresses and numbers replaced, except the ids in `known` (interface endpoints): "another
 * endpoint is broken" is another message, "the same with another request number" is not.
 */
export function normaliseErrorMessage(text: string, known: readonly string[]): string {
  const kept = known.filter((id) => id !== '' && text.includes(id)).sort((a, b) => b.length - a.length);
  const pieces = kept.length === 0 ? [text] : text.split(new RegExp(`(${kept.map(escaped).join('|')})`));
  return pieces
    .map((piece, index) => (index % 2 === 1 ? piece : replaceAll(piece)))
    .join('')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The first 8 hex digits of the SHA-256 of a normalised text. */
export function errorDigest(normalised: string): string {
  return hash('sha256', normalised).slice(0, 8);
}

/** Which of a small closed set of causes a text speaks of. */
export function errorClass(text: string): ErrorClass {
  return classes.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other';
}

const longest = 200;

/** The text as the `error_message` label shows it: one line, no control characters, at most 200 code points. */
export function shownErrorMessage(text: string): string {
  const line = text
    .slice(0, longest * 8)
    .toWellFormed()
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .trim();
  const points = [...line];
  return points.length > longest ? points.slice(0, longest).join('') : line;
}

function replaceAll(text: string): string {
  return replacements.reduce((replaced, [pattern, by]) => replaced.replace(pattern, by), text);
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
