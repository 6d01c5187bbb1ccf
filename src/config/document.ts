/** A YAML document: its value, its problems, and the line of each part of it. */
import { type Document, isCollection, isMap, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Path, Problem } from './problems.ts';
import { parsing, quoteStar, yamlSlips } from './yaml-slips.ts';

export interface ConfigDocument {
  /** Plain data; an empty file is an empty config. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** The line of the part at the path, or of the nearest part around it. */
  lineOf(path: Path): number | null;
}

/** Never throws. A problem of syntax is told with its line; the value is then not to be used. */
export function parseConfigDocument(given: string): ConfigDocument {
  const text = given.replace(/^\uFEFF/, '');
  const lines = new LineCounter();
  const document = parseDocument(text, { ...parsing, lineCounter: lines });
  const lineAt = (offset: number | undefined) => (offset === undefined ? null : lines.linePos(offset).line);
  const problems: Problem[] = yamlSlips(text, document).map(({ line, message }) => ({ path: '', line, message }));
  if (problems.length === 0) {
    for (const { offset, path, message } of misread(document)) problems.push({ path, line: lineAt(offset), message });
  }
  return {
    value: problems.length > 0 ? null : toPlain(document, problems),
    problems,
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const line = lineAt(offsetOf(document, path.slice(0, length)));
        if (line !== null) return line;
      }
      return null;
    },
  };
}

interface Misread {
  readonly offset: number;
  readonly path: string;
  readonly message: string;
}

/** Parts that are YAML, and mean something else than what was written: `*prod*`, `{{ .Values.name }}`, `__proto__`. */
function misread(document: Document): readonly Misread[] {
  const found: Misread[] = [];
  visit(document, {
    Alias(_, alias) {
      if (!alias.resolve(document)) found.push({ offset: alias.range?.[0] ?? 0, path: '', message: quoteStar });
    },
    Pair(_, { key }) {
      if (isCollection(key)) found.push({ offset: key.range?.[0] ?? 0, path: '', message: quoteBraces });
      if (!isScalar(key) || key.value !== '__proto__') return;
      // JavaScript takes this key for the prototype of the value, so the schema would never see what stands below it.
      const message = 'this name cannot be used: choose another';
      found.push({ offset: key.range?.[0] ?? 0, path: '__proto__', message });
    },
  });
  return found;
}

const quoteBraces = 'put the value in quotes: YAML takes { } or [ ] at its beginning for a map or a list';

/** Where a part of the document begins: its key, if it has one. */
function offsetOf(document: Document, path: Path): number | undefined {
  const around = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = path.at(-1);
  const pair = isMap(around)
    ? around.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key))
    : undefined;
  if (pair && isScalar(pair.key) && pair.key.range) return pair.key.range[0];
  const node = document.getIn(path, true);
  return typeof node === 'object' && node !== null && 'range' in node
    ? (node.range as readonly number[] | null)?.[0]
    : undefined;
}

/** Aliases are bounded: a small file must not unfold to a large value. */
function toPlain(document: Document, problems: Problem[]): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch {
    const message = 'is not usable YAML: its aliases unfold to too much; write out what they stand for';
    problems.push({ path: '', line: null, message });
    return null;
  }
}
