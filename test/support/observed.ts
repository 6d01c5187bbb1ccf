import type { Observed } from '../../src/metrics/observed.ts';

/** The exporter's own state at a scrape: one service account that waits for nothing. */
export const observed = {
  build: { version: '1.2.3', revision: 'abc', nodeVersion: 'v24.0.0' },
  shard: { ordinal: 1, total: 3 },
  credentials: [
    {
      name: 'robot',
      type: 'serviceAccount',
      secrets: 1,
      backoffUntil: null,
      tokenExpiresAt: 8000,
      remainingRatio: 0.25,
    },
  ],
  projects: 7,
  targets: 5,
  discovery: [{ organization: 'o1', up: false, lastSuccessAt: 4000, projects: 2 }],
  lookups: [{ lookup: 'names', up: false }],
  learned: [{ name: 'robot', facts: { secretExpiresAt: 9_000_000 } }],
  state: { restored: true, lastSaveSuccessful: false, lastSaveAt: 5000, saveFailures: 2 },
  reload: { successful: false, lastSuccessAt: 6000 },
  droppedLogLines: 3,
} as const satisfies Observed;
