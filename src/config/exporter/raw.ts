/** Reads parts of a raw value that may have any shape: what is not there is undefined, or empty. */

export function get(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;
}

export function list(value: unknown, key: string): readonly unknown[] {
  const found = get(value, key);
  return Array.isArray(found) ? found : [];
}

export function entries(value: unknown, key: string): readonly [string, unknown][] {
  const found = get(value, key);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.entries(found) : [];
}

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(get, value);
}
