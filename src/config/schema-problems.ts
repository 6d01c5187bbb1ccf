/** The issues of a zod schema as a user reads them: the path, and what to do. They quote no value. */
import type { z } from 'zod';
import { nearest, type Path } from './problems.ts';

export type SchemaProblem =
  | { readonly path: Path; readonly code: 'unknown_key'; readonly near: string | null; readonly message: string }
  | { readonly path: Path; readonly code: 'shape'; readonly message: string };

/** `instead` says what to do about a path that other exporters know; it goes before every other sentence. */
export function schemaProblems(
  schema: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
  instead: (path: Path) => string | undefined = () => undefined,
): readonly SchemaProblem[] {
  return issues.flatMap((issue): readonly SchemaProblem[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const path = [...issue.path, key];
        const near = nearest(key, knownKeys(schema, issue.path));
        const unknown = `unknown key${near === null ? '' : `; did you mean '${near}'?`}`;
        return { path, code: 'unknown_key', near, message: instead(path) ?? unknown };
      });
    }
    return [{ path: issue.path, code: 'shape', message: instead(issue.path) ?? sentence(issue) }];
  });
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? 'is no name';
  if (issue.code === 'invalid_union') return 'must be a cron expression, or false';
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input'))
    return `must be ${wanted[issue.expected] ?? issue.expected}`;
  return issue.message;
}

const wanted: Readonly<Record<string, string>> = {
  object: 'a set of keys and values',
  array: 'a list',
  record: 'a set of keys and values',
};

/** The keys that the schema knows at a path. */
function knownKeys(schema: unknown, path: Path): readonly string[] {
  const at = (outer: unknown, [key, ...rest]: Path): unknown => {
    const inner = unwrap(outer);
    if (key === undefined) return inner;
    const { shape, element, valueType } = inner as {
      shape?: Record<PropertyKey, unknown>;
      element?: unknown;
      valueType?: unknown;
    };
    return at(typeof key === 'number' ? element : (shape?.[key] ?? valueType), rest);
  };
  const found = at(schema, path);
  return typeof found === 'object' && found !== null && 'shape' in found ? Object.keys(found.shape as object) : [];
}

function unwrap(schema: unknown): unknown {
  const inner = schema as
    | { unwrap?: () => unknown; shape?: unknown; element?: unknown; valueType?: unknown }
    | undefined;
  return inner?.unwrap && !inner.shape && !inner.element && !inner.valueType ? unwrap(inner.unwrap()) : inner;
}
