import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../src/state/store.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kill-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Commits steps of three sources side by side, each with one to three changes, and prints what it knows to be durable. */
const child = `
import { openStore } from '${new URL('../../src/state/store.ts', import.meta.url).pathname}';
const clock = { wall: () => Date.now(), monotonic: () => performance.now() };
// A commit that is given up as too slow also resolves, and is not durable: a loaded machine needs patience.
const store = await openStore({ path: process.argv[1], changesKept: 1e6, clock, patienceMs: 1e8 });
const toChange = (id, key) => ({ id, at: 0, atlas_project_id: key, kind: 'cluster', cloud_provider: 'AWS', connection_id: 'c', type: 'added', from: null, to: null });
async function work(key) {
  let added = store.restored.sources.get(key)?.ledger.added ?? 0;
  for (let step = 0; step < 2000; step++) {
    const changes = Array.from({ length: 1 + (step % 3) }, () => toChange(store.nextChangeId(), key));
    added += changes.length;
    const ledger = { snapshot: { api: 'v2', connections: [] }, histories: [], added, removed: 0, interfaceEndpointsAdded: 0, interfaceEndpointsRemoved: 0 };
    const committed = store.commit([{ type: 'put', key, ledger, up: true, lastSuccess: step, changes }]);
    if (step % 7 === 0) void store.commit([{ type: 'freshen', key, up: false, lastSuccess: step, changes: [] }]);
    await committed;
    console.log(changes.at(-1).id);
  }
}
await Promise.all(['a', 'b', 'c'].map(work));
`;

/** Ends it after `afterMs` of work, and gives every id that it said to be durable. */
function commitUntilKilled(path: string, afterMs: number): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const working = spawn(process.execPath, ['--input-type=module', '-e', child, path], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const acknowledged: number[] = [];
    createInterface({ input: working.stdout }).on('line', (line) => {
      if (acknowledged.length === 0) setTimeout(() => working.kill('SIGKILL'), afterMs);
      acknowledged.push(Number(line));
    });
    working.on('close', () => resolve(acknowledged));
  });
}

const rounds = 12;
const clock = { wall: () => 0, monotonic: () => 0 };

test.concurrent.each(['first.db', 'second.db'])(
  `killed at any moment of ${rounds} lives, %s loses no step that was acknowledged, and holds none in part or twice`,
  async (name) => {
    const path = join(folder, name);
    let lastId = 0;
    for (let round = 0; round < rounds; round++) {
      const acknowledged = await commitUntilKilled(path, Math.random() * 60);
      await using store = await openStore({ path, changesKept: 1e6, clock, patienceMs: 1e8 });
      const changes = await store.changes({ limit: 1e6 });
      const stored = new Set(changes.map(({ id }) => id));

      expect(store.restored.setAside).toBeNull();
      expect(acknowledged.length).toBeGreaterThan(0);
      expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
      expect(stored.size).toBe(changes.length);
      // What a ledger counted is what was told of its source: both or neither.
      for (const key of ['a', 'b', 'c']) {
        const told = changes.filter((change) => change.atlas_project_id === key).length;
        expect(store.restored.sources.get(key)?.ledger?.added ?? 0).toBe(told);
      }
      expect(store.restored.lastChangeId).toBe(Math.max(...stored));
      expect(store.restored.lastChangeId).toBeGreaterThan(lastId);
      lastId = store.restored.lastChangeId;
    }
  },
  // Each life starts a process and its thread, which takes a loaded machine tens of seconds.
  rounds * 60_000,
);
