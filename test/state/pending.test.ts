import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordedChange } from '../../src/domain/change-log.ts';
import { type Batch, type SourceWrite, type StoredProject, toForget } from '../../src/domain/stored.ts';
import { createPending } from '../../src/state/pending.ts';
import { aConnection, aLedger } from '../support/builders.ts';

const ledgers = [aLedger([]), aLedger([aConnection('c1')])] as const;
const freshness = { up: true, lastSuccess: 1 };
const change = (id: number) => ({ id }) as RecordedChange;
const batch = (...writes: SourceWrite[]): Batch => ({ writes, projects: null });
const step = (key: string, ...ids: number[]) =>
  batch({ type: 'put', key, ledger: ledgers[0], ...freshness, changes: ids.map(change) });
const freshen = (...keys: string[]) =>
  batch(...keys.map((key) => ({ type: 'freshen', key, up: false, lastSuccess: 2, changes: [] }) as const));
const forget = (...keys: string[]) => batch(...keys.map(toForget));
const shown = ({ writes }: Batch) =>
  writes.map(({ key, type, changes }) => [key, type, ...changes.map(({ id }) => id)]);

describe('writes of one source are joined', () => {
  test.each<readonly [string, readonly Batch[], unknown]>([
    ['two steps: the last ledger, every change', [step('a', 1), step('a', 2)], [['a', 'put', 1, 2]]],
    ['freshness after a step', [step('a', 1), freshen('a')], [['a', 'put', 1]]],
    ['a step after freshness', [freshen('a'), step('a', 1)], [['a', 'put', 1]]],
    ['forgotten after a step: its changes are told all the same', [step('a', 1), forget('a')], [['a', 'forget', 1]]],
    ['watched again', [step('a', 1), forget('a'), step('a', 2)], [['a', 'put', 1, 2]]],
    ['freshness of what was forgotten', [forget('a'), freshen('a')], [['a', 'forget']]],
    [
      'the order of first come',
      [step('b', 1), step('a', 2), step('b', 3)],
      [
        ['b', 'put', 1, 3],
        ['a', 'put', 2],
      ],
    ],
  ])('%s', (_name, writes, expected) => {
    const pending = createPending(100);
    for (const write of writes) pending.add(write);
    expect(shown(pending.take())).toEqual(expected);
    expect(pending.isEmpty()).toBe(true);
  });
});

test('what is given back goes before what came since, and is joined with it', () => {
  const pending = createPending(100);
  pending.add(step('a', 1));
  pending.add({ writes: [], projects: [] });
  const taken = pending.take();
  pending.add(step('b', 2));
  pending.add(step('a', 3));
  pending.giveBack(taken);
  expect(pending.changes().map(({ id }) => id)).toEqual([1, 3, 2]);
  const again = pending.take();
  expect(shown(again)).toEqual([
    ['a', 'put', 1, 3],
    ['b', 'put', 2],
  ]);
  expect(again.projects).toEqual([]);
});

test('one transaction holds no more than the main loop can hand over at once', () => {
  const pending = createPending(100);
  for (let n = 0; n < 1000; n++) pending.add(step(`s${n}`, n));
  const sizes = [];
  while (!pending.isEmpty()) sizes.push(pending.take().writes.length);
  expect(sizes).toEqual([250, 250, 250, 250]);
});

test('a disk that is gone for ever costs no more changes than are kept', () => {
  const pending = createPending(10);
  for (let id = 1; id <= 1000; id++) {
    pending.add(step(id % 2 ? 'odd' : 'even', id));
    expect(pending.changes().length).toBeLessThanOrEqual(20);
  }
  const ids = pending.changes().map(({ id }) => id);
  expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: ids.length }, (_, n) => 1001 - ids.length + n));
  expect(ids.length).toBeGreaterThanOrEqual(10);
});

/** What a disk would hold after these, told as plainly as can be. */
interface Disk {
  readonly sources: Map<string, { ledger: unknown; up: boolean; lastSuccess: number | null }>;
  readonly changes: Set<number>;
  projects: readonly StoredProject[];
}
const newDisk = (): Disk => ({ sources: new Map(), changes: new Set(), projects: [] });

function apply(disk: Disk, { writes, projects }: Batch): void {
  if (projects) disk.projects = projects;
  for (const { changes, ...write } of writes) {
    const there = disk.sources.get(write.key);
    if (write.type === 'forget') disk.sources.delete(write.key);
    else if (write.type === 'put') disk.sources.set(write.key, write);
    else if (there) disk.sources.set(write.key, { ...there, up: write.up, lastSuccess: write.lastSuccess });
    for (const { id } of changes) disk.changes.add(id);
  }
}

const key = fc.constantFrom('a', 'b', 'c');
const fresh = { key, up: fc.boolean(), lastSuccess: fc.option(fc.nat(9)) };
const changes = fc.array(fc.nat(1000).map(change), { maxLength: 2 });
const write: fc.Arbitrary<SourceWrite> = fc.oneof(
  fc.record({ type: fc.constant('put' as const), ...fresh, ledger: fc.constantFrom(...ledgers), changes }),
  fc.record({ type: fc.constant('freshen' as const), ...fresh, changes: fc.constant([]) }),
  key.map(toForget),
);
const projects = fc.array(
  fc.record({ id: key, name: key, orgId: key, removedAt: fc.constant(null), regionalMode: fc.constant(null) }),
  {
    maxLength: 1,
  },
);
const added: fc.Arbitrary<Batch> = fc.record({
  writes: fc.array(write, { maxLength: 3 }),
  projects: fc.option(projects),
});

test('however it is taken, refused and taken again, the disk ends up as if each write had gone there by itself', () => {
  const history = fc.array(fc.oneof(added, fc.constantFrom('written', 'refused')), { maxLength: 30 });
  fc.assert(
    fc.property(history, (entries) => {
      const one = newDisk();
      const other = newDisk();
      const pending = createPending(1_000_000);
      for (const entry of [...entries, 'written' as const]) {
        if (typeof entry === 'object') {
          apply(one, entry);
          pending.add(entry);
          continue;
        }
        const batch = pending.take();
        if (entry === 'refused') pending.giveBack(batch);
        else apply(other, batch);
      }
      const plain = (disk: Disk) => ({
        ...disk,
        sources: [...disk.sources.entries()]
          .map(([name, { ledger, up, lastSuccess }]) => [name, ledger, up, lastSuccess])
          .sort(),
        changes: [...disk.changes].sort((a, b) => a - b),
      });
      expect(plain(other)).toEqual(plain(one));
    }),
  );
});
