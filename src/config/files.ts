/** Notices that config or secret files changed. Looks rather than listens: Kubernetes swaps a symlink far above them. */
import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

export interface FileWatch extends Disposable {
  /** Replaces what is watched; as it is now counts as known. */
  watch(files: readonly string[]): void;
}

const lookEveryMs = 5_000;

/**
 * Calls `changed` when a file is another than before and has been the same for two looks: not while it is being written.
 * A file that is gone for a moment counts when it is back.
 */
export function watchFiles(changed: () => void, everyMs = lookEveryMs): FileWatch {
  let files: readonly string[] = [];
  let known: string | null = null;
  let seen: string | null = null;
  let looking = false;

  const look = async () => {
    if (looking || files.length === 0) return;
    looking = true;
    const before = files;
    const signature = await signatureOf(before);
    looking = false;
    if (files !== before) return;
    const settled = signature !== null && signature === seen;
    seen = signature;
    if (known === null) known = signature;
    else if (settled && signature !== known) {
      known = signature;
      changed();
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return {
    watch(next) {
      files = next;
      // At once, not at the first look: what changes between the two would count as known.
      known = signatureNow(next);
      seen = known;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** null while one of them cannot be read. */
async function signatureOf(files: readonly string[]): Promise<string | null> {
  try {
    return toSignature(await Promise.all(files.map((file) => stat(file))));
  } catch {
    return null;
  }
}

function signatureNow(files: readonly string[]): string | null {
  try {
    return toSignature(files.map((file) => statSync(file)));
  } catch {
    return null;
  }
}

function toSignature(stats: readonly Stats[]): string {
  return stats.map(({ ino, size, mtimeMs, ctimeMs }) => [ino, size, mtimeMs, ctimeMs].join()).join('\n');
}
