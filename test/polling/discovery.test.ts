import { beforeEach, expect, test } from 'vitest';
import type { ListedProject } from '../../src/domain/listing.ts';
import { createDiscovery, type Discovery, type Organization } from '../../src/polling/discovery.ts';
import { aFailure } from '../support/builders.ts';

const org = 'org-1';
const organization: Organization = { organization: org, credential: 'main', include: /^prod-/, exclude: /-sandbox$/ };
const project = (id: string, name = `prod-${id}`): ListedProject => ({ id, name, orgId: org });

let answers: (readonly ListedProject[] | Error)[];
let told: string[];
let now: number;
let left: string[];
let heard: string[];
let discovery: Discovery;

beforeEach(() => {
  answers = [];
  told = [];
  now = 1000;
  left = [];
  heard = [];
  discovery = createDiscovery({
    clock: { wall: () => now },
    list: async () => {
      const answer = answers.shift() ?? [];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    failureOf: (thrown) =>
      aFailure(String(thrown).includes('401') ? 'unauthorized' : 'server_error', `Atlas answered ${thrown}`),
    listed(projects, gone) {
      left.push(...gone.map(({ id }) => id));
      heard.push(`listed ${projects.map(({ id }) => id)}`);
    },
    confirmed: () => void heard.push('confirmed'),
    tell: {
      recovered: (_organization, projects) => void told.push(`recovered ${projects}`),
      failed: (_organization, { reason }) => void told.push(reason),
      left: (_organization, { id }) => void told.push(`left ${id}`),
      empty: (_organization, listed) => void told.push(`empty, ${listed} listed`),
    },
  });
  discovery.configure([organization], []);
});

const list = async (...more: (readonly ListedProject[] | Error)[]) => {
  for (const answer of more) {
    answers.push(answer);
    await discovery.run(org);
  }
  return discovery.projectsOf(org).map(({ id }) => id);
};

test('takes in what the names let in', async () => {
  expect(await list([project('a'), project('b', 'test-b'), project('c', 'prod-c-sandbox')])).toEqual(['a']);
});

test('a failed listing adds and removes nothing', async () => {
  expect(await list([project('a')], new Error('503'), new Error('503'))).toEqual(['a']);
  expect(left).toEqual([]);
});

test('a project leaves when two complete listings in a row lack it', async () => {
  const both = [project('a'), project('b')];
  expect(await list(both, [project('a')])).toEqual(['a', 'b']);
  expect(await list(both, [project('a')])).toEqual(['a', 'b']);
  expect(left).toEqual([]);
  expect(await list([project('a')])).toEqual(['a']);
  expect(left).toEqual(['b']);
});

test('starts from what an earlier process had listed, as far as the filters let it in', () => {
  discovery.configure(
    [{ ...organization, organization: 'org-2' }],
    [
      { id: 'a', name: 'prod-a', orgId: 'org-2' },
      { id: 'b', name: 'test-b', orgId: 'org-2' },
      { id: 'c', name: 'prod-c', orgId: 'elsewhere' },
    ],
  );
  expect(discovery.projectsOf('org-2').map(({ id }) => id)).toEqual(['a']);
  expect(discovery.triedAll()).toBe(false);
});

test('new filters drop at once what they leave out', async () => {
  await list([project('a'), project('b')]);
  discovery.configure([{ ...organization, exclude: /-b$/ }], []);
  expect(discovery.projectsOf(org).map(({ id }) => id)).toEqual(['a']);
});

test('a listing that a reload overtook is not entered, and tells of nobody who comes or leaves', async () => {
  await list([project('a'), project('b')], [project('b')]);
  heard = [];
  answers.push([project('b'), project('c')]);
  const running = discovery.run(org);
  discovery.configure([organization], []);
  await running;
  expect(discovery.projectsOf(org).map(({ id }) => id)).toEqual(['a', 'b']);
  expect([heard, told, left]).toEqual([[], [], []]);
});

test('a first listing of what was known is confirmed, and one of something else is told', async () => {
  discovery.configure([], []);
  discovery.configure([organization], [project('b'), project('a')]);
  await list([project('a'), project('b')], [project('a'), project('b')]);
  expect(heard).toEqual(['confirmed']);
  await list([project('a'), project('b'), project('c')]);
  expect(heard).toEqual(['confirmed', 'listed a,b,c']);
});

test('knows whether everything was tried, and whether everything was listed', async () => {
  expect([discovery.triedAll(), discovery.listedAll()]).toEqual([false, false]);
  await list(new Error('503'));
  expect([discovery.triedAll(), discovery.listedAll()]).toEqual([true, false]);
  await list([]);
  expect([discovery.triedAll(), discovery.listedAll()]).toEqual([true, true]);
});

test('a failure is told when it begins and when its reason changes, and its end once', async () => {
  await list(new Error('503'), new Error('503'), new Error('401'), [project('a')], [project('a')], new Error('401'));
  expect(told).toEqual(['server_error', 'unauthorized', 'recovered 1', 'unauthorized']);
});

test('its state is that of the last listing, and outlives a reload', async () => {
  expect(discovery.states()).toEqual([{ organization: org, up: false, lastSuccessAt: null, projects: 0 }]);
  await list([project('a')]);
  const listed = [{ organization: org, up: true, lastSuccessAt: 1000, projects: 1 }];
  expect(discovery.states()).toEqual(listed);
  discovery.configure([{ ...organization, exclude: null }], []);
  expect(discovery.states()).toEqual(listed);
  now = 2000;
  await list(new Error('503'));
  expect(discovery.states()).toEqual([{ organization: org, up: false, lastSuccessAt: 1000, projects: 1 }]);
  await list([project('a')]);
  expect(discovery.states()).toEqual([{ organization: org, up: true, lastSuccessAt: 2000, projects: 1 }]);
});

test('an organization that the config leaves out and takes in again begins anew', async () => {
  await list([project('a')], new Error('503'));
  discovery.configure([], []);
  expect(discovery.states()).toEqual([]);
  discovery.configure([organization], []);
  expect(discovery.states()).toEqual([{ organization: org, up: false, lastSuccessAt: null, projects: 0 }]);
  await list(new Error('503'));
  expect(told).toEqual(['server_error', 'server_error']);
});

test.each([
  ['an answer', [project('b')]],
  ['a failure', new Error('503')],
] as const)('%s of an entry that a reload replaced is not recorded', async (_name, answer) => {
  await list([project('a')]);
  answers.push(answer);
  const running = discovery.run(org);
  discovery.configure([organization], []);
  await running;
  expect(discovery.states()).toEqual([{ organization: org, up: true, lastSuccessAt: 1000, projects: 1 }]);
  expect(discovery.projectsOf(org).map(({ id }) => id)).toEqual(['a']);
  expect(told).toEqual([]);
});

test('no wanted project is told when it begins, with how many there are, and counted', async () => {
  await list([], [], [project('a', 'test-a')], [project('b')], [project('a', 'test-a')]);
  expect(told).toEqual(['empty, 0 listed', 'empty, 1 listed']);
  expect(discovery.states()).toMatchObject([{ up: true, projects: 1 }]);
  await list([]);
  expect(discovery.states()).toMatchObject([{ up: true, projects: 0 }]);
});

test('a failed listing is not told as an empty one', async () => {
  await list(new Error('401'));
  expect(told).toEqual(['unauthorized']);
});

test('a failure is told when it begins, and again when its reason or its detail changes', async () => {
  await list(new Error('503'), new Error('503'), new Error('502'), new Error('401'), new Error('401'));
  expect(told).toEqual(['server_error', 'server_error', 'unauthorized']);
});
