/** Secrets: values that show themselves as `<secret>` and are read again from their files. */

import { inspect } from 'node:util';
import { withoutEnd } from '../../domain/without-ends.ts';
import { loadTextFile, type SeenFile, signatureOf } from '../text-file.ts';

const masked = '<secret>';

/** Shows itself as `<secret>` to everything but `reveal`. */
export class Secret {
  readonly #read: () => string;
  readonly #isCurrent: () => boolean;

  constructor(read: () => string, isCurrent = () => true) {
    this.#read = read;
    this.#isCurrent = isCurrent;
  }

  /** The value as it is now. Never throws: when a file cannot be read any more its last good value stays. */
  reveal(): string {
    return this.#read();
  }

  /** False when the last `reveal` gave the last good value because the file could not be read. */
  isCurrent(): boolean {
    return this.#isCurrent();
  }

  toJSON(): string {
    return masked;
  }

  toString(): string {
    return masked;
  }

  [inspect.custom](): string {
    return masked;
  }
}

/** A value of the config or of the environment. */
export function fixedSecret(value: string): Secret {
  return new Secret(() => value);
}

/** What is wrong with the text of a secret and what to do, to follow a subject; null when it can be used. */
export function unusable(text: string): string | null {
  if (text === '') return 'is empty';
  if (text.trim() === '') return 'holds only blanks';
  if (/^\{.*\}$/s.test(text.trim()))
    return 'holds a JSON object: write one value alone, without braces, quotes or its name';
  if (/^\s*(["']).*\1\s*$/.test(text)) return 'holds quotes around the value: leave them out';
  if (/[\r\n]/.test(text)) return 'holds several lines: write one value alone';
  return null;
}

export type FileSecret =
  | { readonly ok: true; readonly secret: Secret; readonly seen: SeenFile }
  | { readonly ok: false; readonly problem: string; readonly seen: SeenFile };

/**
 * The content of a file, read again whenever the file changed: also behind a symlink that is swapped, as Kubernetes does.
 * Line ends at the end and a byte order mark are not part of it. A file that cannot be read now, or cannot be a secret, is a
 * problem.
 */
export function fileSecret(path: string, load = loadTextFile): FileSecret {
  const first = loadSecret(path, load);
  if (!first.ok) return first;
  let { signature } = first.seen;
  let { value } = first;
  let current = true;
  const read = () => {
    if (signatureOf(path) === signature) {
      current = true;
      return value;
    }
    const again = loadSecret(path, load);
    current = again.ok;
    // The signature is kept only after a good read: a file that is empty while it is written is read at the next use.
    if (again.ok) ({ value, signature } = { value: again.value, signature: again.seen.signature });
    return value;
  };
  const secret = new Secret(read, () => current);
  return { ok: true, secret, seen: first.seen };
}

/**
 * A reader of two secrets that belong together. While the file of one cannot be read the last good pair stays: a new key
 * with the secret of the old one would open nothing.
 */
export function readTogether(
  user: Secret,
  password: Secret,
): () => { readonly user: string; readonly password: string } {
  let pair = { user: user.reveal(), password: password.reveal() };
  return () => {
    const next = { user: user.reveal(), password: password.reveal() };
    if (user.isCurrent() && password.isCurrent()) pair = next;
    return pair;
  };
}

type LoadedSecret =
  | { readonly ok: true; readonly value: string; readonly seen: SeenFile }
  | Extract<FileSecret, { ok: false }>;

function loadSecret(path: string, load: typeof loadTextFile): LoadedSecret {
  const file = load(path);
  if (!file.ok) return file;
  const value = withoutEnd(file.text.replace(/^\uFEFF/, ''), '\r\n');
  const what = unusable(value);
  return what === null
    ? { ok: true, value, seen: file.seen }
    : { ok: false, problem: `the file ${what}`, seen: file.seen };
}
