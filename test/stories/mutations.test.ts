import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AtlasError } from '../../src/atlas/error.ts';
import { listProjects } from '../../src/atlas/lists/projects.ts';
import { recordPoll, unpolled } from '../../src/domain/poll.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import type { Source } from '../../src/domain/source.ts';
import { createExposition } from '../../src/exposition/exposition.ts';
import { fixtureLines, readFrom, recorded, scripted } from '../atlas/fixtures.ts';
import { at } from '../support/builders.ts';
import { parse } from '../support/exposition-parser.ts';
import { fuzzCases } from '../support/sizes.ts';

/** Whatever a proxy, a bug or a newer Atlas may put in the place of a value. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, 0, -1, 1e308, true, '', ' ', '\u0000', '\ud800', '__proto__', '..', 'x'.repeat(70_000), [], {}),
  fc.string({ unit: 'binary' }),
);

interface Mutation {
  readonly at: number;
  readonly how: 'replace' | 'drop' | 'double' | 'lower';
  readonly value: unknown;
}
const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(60),
  how: fc.constantFrom('replace', 'drop', 'double', 'lower'),
  value: anything,
});

/** The value with the nth of all its places changed, counted from the top. */
function mutate(body: string, { at, how, value }: Mutation): string {
  let count = 0;
  /** What stands in the place of a node: nothing, one value or two. */
  const visit = (node: unknown): unknown[] => {
    if (count++ === at) {
      if (how === 'drop') return [];
      if (how === 'double') return [node, node];
      return [how === 'lower' && typeof node === 'string' ? node.toLowerCase() : value];
    }
    if (Array.isArray(node)) return [node.flatMap(visit)];
    if (typeof node !== 'object' || node === null) return [node];
    return [Object.fromEntries(Object.entries(node).flatMap(([key, item]) => visit(item).map((next) => [key, next])))];
  };
  return JSON.stringify(visit(JSON.parse(body))[0] ?? null);
}

/** Complete, ordered, and without anything twice. */
function expectSnapshot({ connections }: Snapshot): void {
  const ids = connections.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
  for (const { status, errorMessage, interfaceEndpoints, unreadable } of connections) {
    expect(status).toBe(status?.toUpperCase() ?? null);
    expect(status).not.toBe('');
    expect(status !== null || unreadable !== undefined).toBe(true);
    expect(errorMessage === null || errorMessage.trim() !== '').toBe(true);
    const keys = interfaceEndpoints.map(({ key }) => key);
    expect(keys).toEqual([...new Set(keys)].sort());
  }
}

const exposition = createExposition({
  errorMessageText: () => true,
  clock: { wall: () => at(0).wall, monotonic: () => 0 },
  yieldTurn: async () => {},
});

let revision = 0;

/** Whatever was read can be shown: the strict parser refuses what is malformed or there twice. */
async function expectShown(source: Source, snapshot: Snapshot): Promise<void> {
  const { state } = recordPoll(source, unpolled, { ok: true, reading: snapshot }, at(0));
  const pieces = await exposition.render(
    { revision: ++revision, sources: [{ source, state }], projects: [], removedProjects: [], own: async () => [] },
    'text',
  );
  parse(pieces, 'text');
}

async function expectSnapshotOrRefusal(source: Source, work: Promise<Snapshot>): Promise<'read' | 'refused'> {
  try {
    const snapshot = await work;
    expectSnapshot(snapshot);
    await expectShown(source, snapshot);
    return 'read';
  } catch (thrown) {
    if (!(thrown instanceof AtlasError)) throw thrown;
    expect(thrown.reason).toBe('invalid_response');
    expect(thrown.detail.length).toBeLessThan(400);
    return 'refused';
  }
}

/** Of each fixture: together they are the cases of this sort. */
const runs = Math.ceil(fuzzCases / recorded.length);

test.each(recorded)(
  '$name with a changed value is a snapshot, or an invalid response',
  async (entry) => {
    const seen = { read: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(mutation, fc.boolean(), async (change, inList) => {
        const list = inList || entry.details.length === 0 ? mutate(entry.list, change) : entry.list;
        const details = entry.details.map((detail) => (inList ? detail : mutate(detail, change)));
        seen[await expectSnapshotOrRefusal(entry.source, readFrom(entry.source, list, details))]++;
      }),
      { numRuns: runs },
    );
    expect(seen.read + seen.refused).toBe(runs);
  },
  60_000 + 20 * fuzzCases,
);

test.each(recorded)(
  '$name with changed bytes is a snapshot, or an invalid response',
  async ({ source, list, details }) => {
    const bytes = Buffer.from(list);
    const cut = fc.record({
      from: fc.nat(bytes.length),
      to: fc.nat(bytes.length),
      put: fc.uint8Array({ maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(cut, async ({ from, to, put }) => {
        const changed = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(Math.max(from, to))]);
        await expectSnapshotOrRefusal(source, readFrom(source, changed, details));
      }),
      { numRuns: runs },
    );
  },
  60_000 + 20 * fuzzCases,
);

test(
  'pages of projects with a changed value are a listing, or an invalid response',
  async () => {
    const pages = fixtureLines('project-pages.jsonl');
    await fc.assert(
      fc.asyncProperty(mutation, fc.nat(1), async (change, which) => {
        const changed = pages.map((page, index) => (index === which ? mutate(page, change) : page));
        const { get } = scripted((_request, count) => JSON.parse(changed[Math.min(count, 2) - 1] ?? ''));
        try {
          const listed = await listProjects(get, null);
          expect(listed.every(({ id }) => /^[0-9a-f]{24}$/i.test(id))).toBe(true);
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'AtlasError', reason: 'invalid_response' });
        }
      }),
      { numRuns: fuzzCases },
    );
  },
  60_000 + 20 * fuzzCases,
);
