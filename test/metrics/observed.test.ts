import { expect, test } from 'vitest';
import { type Observed, readings } from '../../src/metrics/observed.ts';
import { observed } from '../support/observed.ts';

const [robot] = observed.credentials;
const main = {
  ...robot,
  name: 'main',
  type: 'digest',
  backoffUntil: 9000,
  tokenExpiresAt: null,
  remainingRatio: null,
} as const;

function read(key: keyof typeof readings, changed: Partial<Observed> = {}): readonly (readonly [object, number])[] {
  return readings[key]({ ...observed, ...changed }).map(({ labels, value }) => [labels, value]);
}

test.each([
  ['buildInfo', [[{ version: '1.2.3', revision: 'abc', node_version: 'v24.0.0' }, 1]]],
  ['shardOrdinal', [[{}, 1]]],
  ['totalShards', [[{}, 3]]],
  ['projects', [[{}, 7]]],
  ['discoveryUp', [[{ org_id: 'o1' }, 0]]],
  ['discoveryLastSuccess', [[{ org_id: 'o1' }, 4]]],
  ['discoveryProjects', [[{ org_id: 'o1' }, 2]]],
  ['lookupUp', [[{ lookup: 'names' }, 0]]],
  ['stateRestored', [[{}, 1]]],
  ['stateLastSaveSuccessful', [[{}, 0]]],
  ['stateLastSave', [[{}, 5]]],
  ['stateSaveFailures', [[{}, 2]]],
  ['reloadSuccessful', [[{}, 0]]],
  ['reloadSuccess', [[{}, 6]]],
  ['logLinesDropped', [[{}, 3]]],
] as const)('%s is read off', (key, expected) => {
  expect(read(key)).toEqual(expected);
});

test('of a credential only what it has is shown, and a wait that is none is 0', () => {
  const credentials = [main, robot];
  expect(read('backoffUntil', { credentials })).toEqual([
    [{ credential: 'main' }, 9],
    [{ credential: 'robot' }, 0],
  ]);
  expect(read('rateLimitRemaining', { credentials })).toEqual([[{ credential: 'robot' }, 0.25]]);
  expect(read('tokenExpiry', { credentials })).toEqual([[{ credential: 'robot' }, 8]]);
});

test('what never happened happened at 0', () => {
  expect(read('stateLastSave', { state: { ...observed.state, lastSaveAt: null } })).toEqual([[{}, 0]]);
  expect(
    read('discoveryLastSuccess', { discovery: [{ organization: 'o1', up: false, lastSuccessAt: null, projects: 0 }] }),
  ).toEqual([[{ org_id: 'o1' }, 0]]);
  expect(read('tokenExpiry', { credentials: [{ ...robot, tokenExpiresAt: null }] })).toEqual([
    [{ credential: 'robot' }, 0],
  ]);
});

test('the end of a secret is shown where it is known', () => {
  const learned = [
    { name: 'robot', facts: { secretExpiresAt: 12_000 } },
    { name: 'main', facts: { secretExpiresAt: null } },
    { name: 'other', facts: {} },
  ];
  expect(read('secretExpiry', { learned })).toEqual([[{ credential: 'robot' }, 12]]);
});
