/** Deprecated resource versions: the headers that Atlas adds to their answers. */

export interface Deprecation {
  /** Wall ms. */
  readonly since: number;
  /** Wall ms; null when no end is set. */
  readonly sunset: number | null;
}

export interface Deprecations {
  /** Deprecates an operation, or ends that with null. */
  set(operation: string, deprecation: Deprecation | null): void;
  headersOf(operation: string): Readonly<Record<string, string>>;
}

export function createDeprecations(): Deprecations {
  const byOperation = new Map<string, Deprecation>();
  return {
    set(operation, deprecation) {
      if (deprecation === null) byOperation.delete(operation);
      else byOperation.set(operation, deprecation);
    },
    headersOf(operation) {
      const known = byOperation.get(operation);
      if (!known) return {};
      return {
        Deprecation: toHttpDate(known.since),
        ...(known.sunset !== null && { Sunset: toHttpDate(known.sunset) }),
      };
    },
  };
}

/** As Atlas writes dates: the day without a zero before it. */
function toHttpDate(ms: number): string {
  return new Date(ms).toUTCString().replace(', 0', ', ');
}
