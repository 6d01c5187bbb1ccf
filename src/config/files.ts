/** Notices changes of files. It looks at intervals, because Kubernetes swaps a symlink far above the files themselves. */
import { stat } from 'node:fs/promises';
import { codeOf, type SeenFile, toSignature } from './text-file.ts';

export interface FileWatch extends Disposable {
  /**
   * Replaces what is watched: `files` as they were when they were read. Paths in `kept` go on being watched from what was
   * last seen of them, unless they are among `files`.
   */
  watch(files: readonly SeenFile[], kept?: readonly string[]): void;
}

const lookEveryMs = 5_000;

/**
 * Calls `changed` when a file is another than before and has been the same for two looks: not while it is being written.
 * A file that is gone, or that nobody may read, has changed like any other; so has one that is back.
 */
export function watchFiles(changed: () => void, everyMs = lookEveryMs): FileWatch {
  let known: ReadonlyMap<string, string> = new Map();
  let seen: string | null = null;
  let looking = false;

  const look = async () => {
    if (looking || known.size === 0) return;
    looking = true;
    const before = known;
    const now = new Map(await Promise.all([...before.keys()].map(signatureNow)));
    looking = false;
    // The set of files was replaced meanwhile: what was seen is of the old one.
    if (known !== before) return;
    const signature = toText(now);
    const settled = signature === seen;
    seen = signature;
    if (!settled || signature === toText(before)) return;
    known = now;
    changed();
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return {
    watch(files, kept = []) {
      const going = kept.flatMap((path): [string, string][] => {
        const signature = known.get(path);
        return signature === undefined ? [] : [[path, signature]];
      });
      known = new Map([...going, ...files.map(({ path, signature }): [string, string] => [path, signature])]);
      seen = null;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Never rejects: a file that cannot be looked at has its error code for a signature. */
async function signatureNow(path: string): Promise<[string, string]> {
  try {
    return [path, toSignature(await stat(path))];
  } catch (thrown) {
    return [path, codeOf(thrown)];
  }
}

function toText(signatures: ReadonlyMap<string, string>): string {
  return [...signatures].map((entry) => entry.join()).join('\n');
}
