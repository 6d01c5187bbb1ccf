import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Learned, LookupRow } from '../../src/domain/lookup.ts';
import type { Source } from '../../src/domain/source.ts';
import { createLookups, type Lookups } from '../../src/polling/lookups.ts';
import { aFailure, aSource } from '../support/builders.ts';
import { fakeTime } from '../support/clock.ts';

const minute = 60_000;
const hour = 60 * minute;
let asked: string[];
let learned: Map<string, unknown>;
let told: string[][];
let log: string[];
let answer: (subject: string, signal: AbortSignal) => Promise<Learned | null>;
let lookups: Lookups;
let credentials: { name: string; type: 'digest' | 'serviceAccount'; secrets: number }[];

const modes = (...told: readonly [string, boolean | null][]): Learned => ({
  projects: new Map(told.map(([id, regionalMode]) => [id, { regionalMode }])),
});

const mode: LookupRow = {
  scope: 'project',
  asks: ({ source }) => source.kind === 'cluster',
  firstAfterMs: 2_000,
  everyMs: hour,
  deadlineMs: 30_000,
  unknown: (id) => modes([id, null]),
};
const names: LookupRow = {
  ...mode,
  scope: 'credential',
  asks: ({ isListed }) => !isListed,
  firstAfterMs: 0,
  unknown: () => ({}),
};

beforeEach(() => {
  asked = [];
  learned = new Map();
  told = [];
  log = [];
  credentials = [];
  answer = async (subject) => modes([subject, true]);
  start({ mode });
});
afterEach(async () => {
  await lookups[Symbol.asyncDispose]();
  vi.useRealTimers();
});

function start(rows: Readonly<Record<string, LookupRow>>) {
  lookups = createLookups({
    clock: fakeTime(),
    rows,
    fetch({ lookup, subject, credential }, signal) {
      asked.push(`${lookup} ${credential} ${subject}`);
      return answer(subject, signal);
    },
    failureOf: (thrown) => aFailure(String(thrown).includes('role') ? 'forbidden' : 'network'),
    learned(news) {
      told.push([...(news.projects ?? new Map()).keys()]);
      for (const [id, { regionalMode }] of news.projects ?? []) learned.set(id, regionalMode);
    },
    credentials: () => credentials,
    tell: {
      failed: ({ lookup, subject, credential }, { reason }) =>
        void log.push(`${lookup} ${credential} ${subject}: ${reason}`),
      recovered: (lookup, credential) => void log.push(`${lookup} ${credential} recovered`),
    },
  });
}

const of = (credential: string, ...ids: readonly string[]) =>
  ids.map((projectId) => aSource({ projectId, credential }));
const configure = (...sources: readonly Source[]) => lookups.configure(sources, () => false);
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const hang = (_subject: string, signal: AbortSignal) =>
  new Promise<Learned>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('each subject is asked soon after it came, one after the other, and then as often as its row says', async () => {
  configure(...of('main', 'p1', 'p2', 'p3'));
  await pass(1_000);
  expect(asked).toEqual([]);
  await pass(2_000);
  expect(asked).toEqual(['mode main p1', 'mode main p2', 'mode main p3']);
  await pass(15_000);
  expect(Object.fromEntries(learned)).toEqual({ p1: true, p2: true, p3: true });
  await pass(59 * minute);
  expect(asked).toHaveLength(3);
  await pass(2 * minute);
  expect(asked).toHaveLength(6);
});

test('a credential is one subject, however many of its sources want to know, and takes turns with projects', async () => {
  start({ names, mode });
  const listed = aSource({ projectId: 'p3', credential: 'robot' });
  lookups.configure([...of('main', 'p1', 'p2'), listed], (projectId) => projectId === 'p3');
  await pass(3_000);
  expect(asked.toSorted()).toEqual(['mode main p1', 'mode main p2', 'mode robot p3', 'names main main']);
});

test('what is learned in a row is told together, the first at once, and each look-up for itself', async () => {
  start({ names, mode });
  answer = async (subject) => ({ projects: new Map([[subject === 'main' ? 'named' : subject, {}]]) });
  configure(...of('main', 'p1', 'p2', 'p3'));
  await pass(2_100);
  expect(told).toEqual([['named'], ['p1']]);
  await pass(14_000);
  expect(told).toHaveLength(2);
  await pass(2_000);
  expect(told[2]).toEqual(['p2', 'p3']);
});

test('one that fails is asked again after five minutes, the others go on, and what was learned stays', async () => {
  configure(...of('main', 'p1', 'p2'));
  await pass(18_000);
  answer = async (subject) => {
    if (subject === 'p1') throw new Error('refused');
    return modes([subject, false]);
  };
  await pass(hour);
  expect([...learned]).toEqual([
    ['p1', true],
    ['p2', false],
  ]);
  const before = asked.length;
  await pass(5 * minute);
  expect(asked.slice(before)).toEqual(['mode main p1']);
});

test('failures are told once for each credential and reason, and their end once', async () => {
  answer = async (subject) => {
    throw new Error(subject === 'p3' ? 'role' : 'refused');
  };
  configure(...of('main', 'p1', 'p2', 'p3'));
  await pass(20 * minute);
  expect(log).toEqual(['mode main p1: network', 'mode main p3: forbidden']);
  answer = async () => ({});
  await pass(hour);
  expect(log.slice(2)).toEqual(['mode main recovered']);
});

test('one that hangs holds up no other', async () => {
  const right = answer;
  answer = (subject, signal) => (subject === 'slow' ? hang(subject, signal) : right(subject, signal));
  configure(...of('main', 'slow', 'p2'), ...of('other', 'p3'));
  await pass(18_000);
  expect([...learned.keys()].toSorted()).toEqual(['p2', 'p3']);
});

test('a subject that stays keeps its turn, one that comes is asked soon, one that left is unknown and asked no more', async () => {
  configure(...of('main', 'p1', 'p2'));
  await pass(18_000);
  expect(learned.get('p2')).toBe(true);
  configure(...of('main', 'p1', 'p3'));
  await pass(18_000);
  expect(learned.get('p2')).toBeNull();
  expect(asked).toEqual(['mode main p1', 'mode main p2', 'mode main p3']);
  configure(...of('other', 'p1'));
  await pass(hour);
  expect(asked.slice(3)).toEqual(['mode other p1']);
  expect([...learned]).toEqual([
    ['p1', true],
    ['p2', null],
    ['p3', null],
  ]);
});

test('what is answered about a subject that left meanwhile is not learned', async () => {
  let settle = (_learned: Learned) => {};
  answer = () => new Promise((resolve) => (settle = resolve));
  configure(...of('main', 'p1'));
  await pass(2_000);
  configure();
  settle(modes(['p1', true]));
  await pass(hour);
  expect([...learned]).toEqual([['p1', null]]);
});

test('the end waits for nobody', async () => {
  answer = hang;
  configure(...of('main', 'p1'));
  await pass(3_000);
  expect(asked).toHaveLength(1);
  await lookups[Symbol.asyncDispose]();
  await pass(hour);
  expect([asked.length, log]).toEqual([1, []]);
});

describe('after a change', () => {
  const log: LookupRow = { ...mode, firstAfterMs: 0, everyMs: null };
  const event = {
    ...{ id: 'e1', at: 5, type: 'ENDPOINT_SERVICE_DELETED', username: null },
    ...{ publicKey: 'abcdefgh', address: null, mongodbStaff: false },
  };

  test('one is asked then alone, and its answer is the answer', async () => {
    start({ mode: { ...mode, everyMs: hour }, log });
    answer = async () => ({ events: [event] });
    configure(...of('main', 'p1', 'p2'));
    await pass(2 * hour);
    expect(asked.filter((question) => question.startsWith('log'))).toEqual([]);
    const told = lookups.askAfterChange('p1', 1_000);
    await pass(1_000);
    expect(await told).toEqual({ events: [event] });
    await pass(2 * hour);
    expect(asked.filter((question) => question.startsWith('log'))).toEqual(['log main p1']);
    expect(lookups.states()).toContainEqual({ lookup: 'log', up: true });
  });

  test('one that fails, one that is turned off, and a project that is not asked have no answer', async () => {
    start({ log });
    answer = async () => {
      throw new Error('role');
    };
    configure(...of('main', 'p1'));
    const told = lookups.askAfterChange('p1', 0);
    await pass(1_000);
    expect([await told, lookups.states()]).toEqual([null, [{ lookup: 'log', up: false }]]);
    expect(await lookups.askAfterChange('p2', 0)).toBeNull();
    expect([lookups.asksAfterChange('p1'), lookups.asksAfterChange('p2')]).toEqual([true, false]);
    lookups.configure(of('main', 'p1'), () => false, new Set(['log']));
    expect([lookups.asksAfterChange('p1'), await lookups.askAfterChange('p1', 0)]).toEqual([false, null]);
    expect(lookups.states()).toEqual([]);
  });

  test('what is turned off while it waits has no answer', async () => {
    start({ log: { ...log, firstAfterMs: 5_000 } });
    configure(...of('main', 'p1'));
    const told = lookups.askAfterChange('p1', 0);
    configure();
    expect(await told).toBeNull();
  });

  test('the end waits for no answer', async () => {
    start({ log });
    answer = hang;
    configure(...of('main', 'p1'));
    const told = lookups.askAfterChange('p1', 0);
    await pass(1_000);
    await lookups[Symbol.asyncDispose]();
    expect(await told).toBeNull();
  });
});

test('one that left a rate limit to the polls is no failure, and is asked again in a minute', async () => {
  const right = answer;
  answer = async () => null;
  configure(...of('main', 'p1'));
  await pass(3_000);
  answer = right;
  await pass(50_000);
  expect([asked.length, log, lookups.states()]).toEqual([1, [], [{ lookup: 'mode', up: true }]]);
  await pass(30_000);
  expect([asked.length, learned.get('p1')]).toEqual([2, true]);
});

test('a role that is missing is asked for again after an hour, and shows until it is there', async () => {
  const right = answer;
  answer = async () => {
    throw new Error('role');
  };
  configure(...of('main', 'p1', 'p2'));
  await pass(59 * minute);
  expect([asked.length, log]).toEqual([2, ['mode main p1: forbidden']]);
  expect(lookups.states()).toEqual([{ lookup: 'mode', up: false }]);
  answer = right;
  await pass(2 * minute);
  expect([log.slice(1), lookups.states()]).toEqual([['mode main recovered'], [{ lookup: 'mode', up: true }]]);
});

test('a look-up that nobody is asked has no state', () => {
  start({ names, mode });
  lookups.configure(of('main', 'p1'), () => true);
  expect(lookups.states()).toEqual([{ lookup: 'mode', up: true }]);
});

test('a credential with another secret is asked again at once, and so is none else', async () => {
  start({ names, mode });
  credentials = [{ name: 'main', type: 'digest', secrets: 1 }];
  configure(...of('main', 'p1'));
  await pass(minute);
  configure(...of('main', 'p1'));
  await pass(minute);
  expect(asked).toEqual(['names main main', 'mode main p1']);
  credentials = [{ name: 'main', type: 'digest', secrets: 2 }];
  configure(...of('main', 'p1'));
  await pass(minute);
  expect(asked.slice(2)).toEqual(['names main main']);
});

test('the type of a credential decides with the source whether it is asked', async () => {
  start({ names: { ...names, asks: ({ credentialType }) => credentialType === 'serviceAccount' } });
  credentials = [
    { name: 'main', type: 'digest', secrets: 1 },
    { name: 'robot', type: 'serviceAccount', secrets: 1 },
  ];
  configure(...of('main', 'p1'), ...of('robot', 'p2', 'p3'));
  await pass(minute);
  expect(asked).toEqual(['names robot robot']);
});
