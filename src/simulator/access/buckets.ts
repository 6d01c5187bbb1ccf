/** Token buckets of API v2: one for each endpoint set and project, filled up in steps. */

export interface Buckets {
  /** Takes one token: `remaining` counts those left, or `retrySeconds` lead to the next filling. */
  take(
    set: string,
    scope: string,
  ): { readonly capacity: number } & ({ readonly remaining: number } | { readonly retrySeconds: number });
  /** Sets the capacity of an endpoint set, for every project or for one. */
  setCapacity(set: string, capacity: number, scope?: string): void;
  readonly refillSeconds: number;
}

const capacities: Readonly<Record<string, number>> = {
  privateEndpoint: 4000,
  groups: 1200,
  orgs: 500,
  streams: 1200,
  dataFederation: 1200,
  events: 300,
};
const refillSeconds = 60;

export function createBuckets(now: () => number): Buckets {
  const levels = new Map<string, { level: number; step: number }>();
  const overridden = new Map<string, number>();
  const capacityOf = (set: string, scope: string) =>
    overridden.get(`${set} ${scope}`) ?? overridden.get(set) ?? capacities[set] ?? 1000;

  return {
    refillSeconds,
    take(set, scope) {
      const name = `${set} ${scope}`;
      const capacity = capacityOf(set, scope);
      const step = Math.floor(now() / (refillSeconds * 1000));
      const known = levels.get(name);
      const level = known?.step === step ? Math.min(known.level, capacity) : capacity;
      if (level <= 0) {
        return { capacity, retrySeconds: Math.max(1, Math.ceil(((step + 1) * refillSeconds * 1000 - now()) / 1000)) };
      }
      levels.set(name, { level: level - 1, step });
      return { capacity, remaining: level - 1 };
    },
    setCapacity(set, capacity, scope) {
      overridden.set(scope === undefined ? set : `${set} ${scope}`, capacity);
    },
  };
}
