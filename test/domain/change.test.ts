import { expect, test } from 'vitest';
import { diff } from '../../src/domain/change.ts';
import { type InterfaceEndpointDetail, type Snapshot, toSnapshot } from '../../src/domain/snapshot.ts';
import { aConnection, anId, anInterfaceEndpoint, aSnapshot } from '../support/builders.ts';

/** A list of failed connections with so many interface endpoints together, each connection with a message. */
function listing(messages: readonly string[], endpoints: number): Snapshot {
  const each = Math.ceil(endpoints / messages.length);
  return toSnapshot(
    'v2',
    messages.map((errorMessage, index) =>
      aConnection(`s${index}`, {
        status: 'FAILED',
        errorMessage,
        interfaceEndpoints: Array.from({ length: each }, (_, n) => {
          const id = `vpce-${index * each + n}`;
          return { key: id, id, detail: null };
        }),
      }),
    ),
    [],
  );
}

const messages = (count: number, text: (index: number) => string) => Array.from({ length: count }, (_, n) => text(n));

/** How long this thread works on it, in ms: the best of three. What else the machine does is not counted. */
function workOf(work: () => unknown): number {
  const times = [1, 2, 3].map(() => {
    const start = process.threadCpuUsage();
    work();
    return process.threadCpuUsage(start).user / 1000;
  });
  return Math.min(...times);
}

test('thousands of ids in hundreds of long messages cost little more than none', () => {
  const named = Array.from({ length: 150 }, (_, n) => `vpce-${n * 7}`).join(' ');
  const compare = (endpoints: number) => {
    const [before, after] = [1, 2].map((request) =>
      listing(
        messages(100, (n) => `Request ${request} of ${n}: ${named}`),
        endpoints,
      ),
    );
    return workOf(() => before && after && diff(before, after, 'cluster'));
  };
  compare(100);
  expect(compare(3_000)).toBeLessThan(10 * Math.max(1, compare(100)));
});

test('a message is reworded as long as a poll has not compared very many; beyond that each is changed', () => {
  const changes = (count: number) => {
    const [before, after] = [1, 2].map((request) =>
      listing(
        messages(count, (n) => `Request ${request} failed ${'x'.repeat(1_000)} ${n}`),
        count,
      ),
    );
    const found = before && after ? diff(before, after, 'cluster') : [];
    return found.map((change) => (change.type === 'error_message' ? change.change : change.type));
  };
  expect(changes(100)).toEqual(Array.from({ length: 100 }, () => 'reworded'));
  const many = changes(300);
  expect(many).toHaveLength(300);
  expect(new Set(many)).toEqual(new Set(['reworded', 'changed']));
  expect(many.filter((change) => change === 'reworded').length).toBeGreaterThan(100);
});

const asked: Partial<InterfaceEndpointDetail> = { deleteRequested: true };
const withEndpoint = (...endpoints: readonly ReturnType<typeof anInterfaceEndpoint>[]) =>
  aSnapshot([aConnection('c1', { interfaceEndpoints: endpoints })]);
const typesOf = (...snapshots: readonly [ReturnType<typeof withEndpoint>, ReturnType<typeof withEndpoint>]) =>
  diff(...snapshots, 'cluster').map(({ type, ...change }) => ('requested' in change ? [type, change.requested] : type));

test.each<readonly [string, Partial<InterfaceEndpointDetail>, Partial<InterfaceEndpointDetail>, readonly unknown[]]>([
  ['that begins is told', {}, asked, ['delete_requested']],
  ['that goes on is not', asked, asked, []],
  ['that is taken back is not', asked, {}, []],
  ['is told with another change', {}, { ...asked, errorMessage: 'no' }, ['error_message', 'delete_requested']],
  ['that the status says too is one change', {}, { ...asked, status: 'DELETING' }, ['status']],
  ['that the status said before is told no more', { status: 'DELETING' }, { ...asked, status: 'DELETING' }, []],
])('a removal asked for %s', (_name, was, is, types) => {
  expect(typesOf(withEndpoint(anInterfaceEndpoint('e', was)), withEndpoint(anInterfaceEndpoint('e', is)))).toEqual(
    types,
  );
});

test('what comes with it, or is first learned, tells nothing of it', () => {
  const leaving = withEndpoint(anInterfaceEndpoint('e', asked));
  expect(typesOf(withEndpoint(), leaving)).toEqual(['added']);
  expect(typesOf(withEndpoint(anId('e')), leaving)).toEqual([]);
});

test('its end is one that was asked for', () => {
  expect(typesOf(withEndpoint(anInterfaceEndpoint('e', asked)), withEndpoint())).toEqual([['removed', true]]);
  expect(typesOf(withEndpoint(anInterfaceEndpoint('e')), withEndpoint())).toEqual([['removed', false]]);
});
