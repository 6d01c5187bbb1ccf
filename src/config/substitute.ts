/** `${VAR}` in a value stands for a variable of the environment; `$${` is a `${` that stands for itself. */
import type { Path } from './problems.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Replaces in every text of a plain value. Done after YAML was parsed, so that a value cannot become YAML. */
export function substitute(
  value: unknown,
  env: Env,
  unset: (path: Path, variable: string) => void,
  path: Path = [],
): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$(\$\{)|\$\{([A-Za-z_]\w*)\}/g, (_whole, escaped: string | undefined, variable: string) => {
      if (escaped !== undefined) return escaped;
      const found = env[variable];
      if (found === undefined) unset(path, variable);
      return found ?? '';
    });
  }
  if (Array.isArray(value)) return value.map((item, index) => substitute(item, env, unset, [...path, index]));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, substitute(item, env, unset, [...path, key])]),
    );
  }
  return value;
}
