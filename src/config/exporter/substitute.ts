/** `${VAR}` in a value stands for a variable of the environment; `$${` is a `${` that stands for itself. */
import type { Path } from '../problems.ts';

/** Replaces in every text of a plain value. Done after YAML was parsed, so that a value cannot become YAML. */
export function substitute(
  value: unknown,
  resolve: (variable: string, path: Path) => string,
  path: Path = [],
): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$(\$\{)|\$\{([A-Za-z_]\w*)\}/g, (_whole, escaped: string | undefined, variable: string) =>
      escaped === undefined ? resolve(variable, path) : escaped,
    );
  }
  if (Array.isArray(value)) return value.map((item, index) => substitute(item, resolve, [...path, index]));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, substitute(item, resolve, [...path, key])]),
    );
  }
  return value;
}
