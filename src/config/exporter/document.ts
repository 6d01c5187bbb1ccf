/** The YAML of a config: its value, and where in the file each part of it stands. */
import { isMap, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Path, Problem } from '../problems.ts';

export interface ConfigDocument {
  /** Plain data; an empty file is an empty config. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** The line of what stands at the path, or of the nearest thing around it. */
  lineOf(path: Path): number | null;
}

/** Never throws. A problem of syntax is told with its line; the value is then not to be used. */
export function parseConfigDocument(text: string): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
  });
  const problems = [...document.errors, ...document.warnings].map(({ message, pos, code }): Problem => {
    const what = code === 'DUPLICATE_KEY' ? 'this key stands here twice: keep one of them' : `is not YAML: ${message}`;
    return { path: '', line: lines.linePos(pos[0]).line, message: what };
  });
  visit(document, {
    Pair(_key, { key }) {
      if (!isScalar(key) || key.value !== '__proto__') return;
      // JavaScript means something else by it, so that the schema never sees what stands below.
      const line = lines.linePos(key.range?.[0] ?? 0).line;
      problems.push({ path: '__proto__', line, message: 'this name cannot be used: choose another' });
    },
  });
  const lineAt = (offset: number | undefined) => (offset === undefined ? null : lines.linePos(offset).line);

  return {
    value: problems.length > 0 ? null : toPlain(document, problems),
    problems,
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const [parent, key] = [path.slice(0, length - 1), path[length - 1]];
        const around = length === 1 ? document.contents : document.getIn(parent, true);
        const pair = isMap(around)
          ? around.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key))
          : undefined;
        const keyRange = pair && isScalar(pair.key) ? pair.key.range : undefined;
        const node = document.getIn(path.slice(0, length), true);
        const range =
          keyRange ??
          (typeof node === 'object' && node !== null && 'range' in node ? (node.range as number[] | null) : undefined);
        const line = lineAt(range?.[0]);
        if (line !== null) return line;
      }
      return null;
    },
  };
}

function toPlain(document: ReturnType<typeof parseDocument>, problems: Problem[]): unknown {
  try {
    // Aliases are bounded: a small file must not unfold to a large value.
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    problems.push({
      path: '',
      line: null,
      message: `is not usable YAML: ${error instanceof Error ? error.message : ''}`,
    });
    return null;
  }
}
