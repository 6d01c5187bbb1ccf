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

const child = `
import { openStore } from '${new URL('../../src/state/store.ts', import.meta.url).pathname}';
const clock = { wall: () => Date.now(), monotonic: () => performance.now() };
const store = await openStore({ path: process.argv[1], changesKept: 100000, clock });
for (let n = 0; n < 5000; n++) {
  const id = store.nextChangeId();
  const change = { id, at: n, atlas_project_id: 'p', kind: 'cluster', cloud_provider: 'AWS', connection_id: 'c', type: 'status', from: 'A', to: 'B' };
  const ledger = { snapshot: { api: 'v2', connections: [] }, histories: [], added: id, removed: 0, interfaceEndpointsAdded: 0, interfaceEndpointsRemoved: 0 };
  await store.commit({ key: 'p/cluster/AWS', ledger, up: true, lastSuccess: n, changes: [change] });
  console.log(id);
}
`;

/** Commits steps in a process of its own, kills it after `afterMs`, and gives the last id that it knew to be committed. */
function commitUntilKilled(path: string, afterMs: number): Promise<number> {
  return new Promise((resolve) => {
    const process_ = spawn(process.execPath, ['--input-type=module', '-e', child, path], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let last = 0;
    const lines = createInterface({ input: process_.stdout });
    lines.once('line', () => setTimeout(() => process_.kill('SIGKILL'), afterMs));
    lines.on('line', (line) => {
      last = Number(line);
    });
    process_.on('close', () => resolve(last));
  });
}

test('a process that is killed at any moment loses no step that was committed, and tells none twice', async () => {
  const path = join(folder, 'state.db');
  const clock = { wall: () => 0, monotonic: () => 0 };
  let before = 0;
  for (let round = 0; round < 15; round++) {
    const acknowledged = await commitUntilKilled(path, (round * 13) % 60);
    await using store = await openStore({ path, changesKept: 100_000, clock });
    const ids = (await store.changes({ limit: 1_000_000 })).map(({ id }) => id);
    const stored = ids.at(-1) ?? 0;
    // At most the one that was under way is more than was told.
    expect(stored).toBeGreaterThanOrEqual(acknowledged);
    expect(stored).toBeLessThanOrEqual(acknowledged + 1);
    expect(ids).toEqual(Array.from({ length: stored }, (_, index) => index + 1));
    expect(store.restored.sources.get('p/cluster/AWS')?.ledger?.added).toBe(stored);
    expect(store.restored.setAside).toBeNull();
    expect(acknowledged).toBeGreaterThan(before);
    before = stored;
  }
}, 60_000);
