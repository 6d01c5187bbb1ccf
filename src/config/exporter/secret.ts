/** Values that must never be told. */
import { inspect } from 'node:util';
import { loadTextFile, type SeenFile, signatureOf } from '../text-file.ts';

const masked = '<secret>';

/** Shows itself as `<secret>` to everything but `reveal`. */
export class Secret {
  readonly #read: () => string;

  constructor(read: () => string) {
    this.#read = read;
  }

  /** The value as it is now. Never throws: when a file cannot be read any more its last good value stays. */
  reveal(): string {
    return this.#read();
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

/** A value that stands in the config or the environment. */
export function fixedSecret(value: string): Secret {
  return new Secret(() => value);
}

export type FileSecret =
  | { readonly ok: true; readonly secret: Secret; readonly seen: SeenFile }
  | { readonly ok: false; readonly problem: string; readonly seen: SeenFile };

/**
 * The content of a file, read again whenever the file changed: also behind a symlink that is swapped, as Kubernetes does.
 * A trailing line end and a byte order mark are not part of it. A file that cannot be read now, or is empty, is a problem.
 */
export function fileSecret(path: string, load = loadTextFile): FileSecret {
  const first = loadSecret(path, load);
  if (!first.ok) return first;
  let { signature } = first.seen;
  let { value } = first;
  const secret = new Secret(() => {
    if (signatureOf(path) === signature) return value;
    const again = loadSecret(path, load);
    // A file that is empty for a moment, while it is written, is read with the next use.
    if (again.ok) ({ value, signature } = { value: again.value, signature: again.seen.signature });
    return value;
  });
  return { ok: true, secret, seen: first.seen };
}

type LoadedSecret =
  | { readonly ok: true; readonly value: string; readonly seen: SeenFile }
  | Extract<FileSecret, { ok: false }>;

function loadSecret(path: string, load: typeof loadTextFile): LoadedSecret {
  const file = load(path);
  if (!file.ok) return file;
  const value = file.text.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
  return value === ''
    ? { ok: false, problem: 'the file is empty', seen: file.seen }
    : { ok: true, value, seen: file.seen };
}
