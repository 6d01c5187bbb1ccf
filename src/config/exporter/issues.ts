/** What zod says, in words that say what to do. */
import type { z } from 'zod';
import { nearest, type Path, type Problem } from '../problems.ts';
import { configSchema } from './schema.ts';

/** The problems of one issue; `at` says where a path stands. */
export function issueProblems(
  issue: z.core.$ZodIssue,
  at: (path: Path, message: string) => Problem,
): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const near = nearest(key, knownKeys(issue.path));
      return at([...issue.path, key], `unknown key${near === null ? '' : `; did you mean '${near}'?`}`);
    });
  }
  if (issue.code === 'invalid_key') return [at(issue.path, issue.issues[0]?.message ?? 'is no name')];
  if (issue.code === 'invalid_union') return [at(issue.path, 'must be a cron expression, or false')];
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    return [at(issue.path, `must be ${wanted[issue.expected] ?? issue.expected}`)];
  }
  return [at(issue.path, issue.message)];
}

const wanted: Readonly<Record<string, string>> = {
  object: 'a set of keys and values',
  array: 'a list',
  record: 'a set of keys and values',
};

/** The keys that the schema knows at a path. */
function knownKeys(path: Path): readonly string[] {
  const at = (schema: unknown, [key, ...rest]: Path): unknown => {
    const inner = unwrap(schema);
    if (key === undefined) return inner;
    const { shape, element, valueType } = inner as {
      shape?: Record<PropertyKey, unknown>;
      element?: unknown;
      valueType?: unknown;
    };
    return at(typeof key === 'number' ? element : (shape?.[key] ?? valueType), rest);
  };
  const found = at(configSchema, path);
  return typeof found === 'object' && found !== null && 'shape' in found ? Object.keys(found.shape as object) : [];
}

function unwrap(schema: unknown): unknown {
  const inner = schema as
    | { unwrap?: () => unknown; shape?: unknown; element?: unknown; valueType?: unknown }
    | undefined;
  return inner?.unwrap && !inner.shape && !inner.element && !inner.valueType ? unwrap(inner.unwrap()) : inner;
}
