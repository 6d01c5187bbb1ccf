/** Values that must never be told. */
import { readFileSync, statSync } from 'node:fs';
import { inspect } from 'node:util';

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

/**
 * The content of a file, read again whenever the file changed: also behind a symlink that is swapped, as Kubernetes does.
 * A trailing line end and a byte order mark are not part of it. Throws when it cannot be read now or is empty.
 */
export function fileSecret(path: string): Secret {
  let signature = signatureOf(path);
  let value = readSecret(path);
  return new Secret(() => {
    try {
      const now = signatureOf(path);
      if (now !== signature) {
        // Not empty for a moment while it is written: then the next use reads it.
        value = readSecret(path);
        signature = now;
      }
    } catch {
      return value;
    }
    return value;
  });
}

function readSecret(path: string): string {
  const text = readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .replace(/[\r\n]+$/, '');
  if (text === '') throw new Error('the file is empty');
  return text;
}

function signatureOf(path: string): string {
  const { ino, size, mtimeMs, ctimeMs } = statSync(path);
  return [ino, size, mtimeMs, ctimeMs].join();
}
