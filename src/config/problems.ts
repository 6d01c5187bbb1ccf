/** Problems of a config as users read them: the place, what is wrong, what to do. */

export interface Problem {
  /** As in `projects[2].id`; '' for the whole file. */
  readonly path: string;
  /** Counted from 1; null when no line of a file is meant. */
  readonly line: number | null;
  /** Holds no value of a secret. */
  readonly message: string;
}

export type Path = readonly PropertyKey[];

export function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}

/** One message with every problem, in the order of their lines. `origin` is the file or `environment`. */
export function formatProblems(origin: string, problems: readonly Problem[]): string {
  const sorted = problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const [only] = problems;
  if (only && problems.length === 1 && only.path === '' && only.line === null)
    return origin === 'none' ? only.message : `${origin}: ${only.message}`;
  const head =
    problems.length === 1
      ? `The config (${origin}) has a problem:`
      : `The config (${origin}) has ${problems.length} problems:`;
  const lines = sorted.map(({ path, line, message }) => {
    const place = [line === null ? '' : `line ${line}`, path].filter((part) => part !== '').join(', ');
    return `  - ${place === '' ? '' : `${place}: `}${message}`;
  });
  return [head, ...lines].join('\n');
}

/** The candidate that is spelled most alike, if any is near; else null. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= Math.max(2, Math.floor(best.candidate.length / 3)) ? best.candidate : null;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
