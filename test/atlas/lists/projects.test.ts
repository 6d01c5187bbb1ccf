import { afterEach, beforeEach, expect, test } from 'vitest';
import { effects } from '../../../src/simulator/faults.ts';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import { atlasFor, reasonOf } from '../../support/atlas.ts';

let simulator: Simulator;
beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
});
afterEach(() => simulator[Symbol.asyncDispose]());

const signal = new AbortController().signal;
const all = { organization: demoKeys.orgId, signal };

test('10,000 projects are 20 pages and one more that is short', async () => {
  for (let n = 0; n < 10_000; n++) simulator.world.addProject();
  await using atlas = atlasFor(simulator);
  const listed = await atlas.listProjects('main', all);
  expect(listed).toHaveLength(10_000);
  expect(simulator.counts()['v2.orgGroups 200']).toBe(21);
});

test('names, organizations and ids', async () => {
  simulator.world.addProject({ id: '5df264b8f10fab7d2cad2f0d', name: 'Daten & Analyse (EU), v2' });
  await using atlas = atlasFor(simulator);
  expect(await atlas.listProjects('main', all)).toEqual([
    { id: '5df264b8f10fab7d2cad2f0d', name: 'Daten & Analyse (EU), v2', orgId: demoKeys.orgId },
  ]);
});

test.each([
  ['a lying count', effects.body((body) => body.replace(/"totalCount":\d+/, '"totalCount":7')), 'nothing'],
  [
    'a next link that points elsewhere',
    effects.body((body) => body.replace(/"href":"[^"]*"/g, '"href":"http://127.0.0.1:1/"')),
    'nothing',
  ],
  [
    'pages that never end',
    effects.body((body) => JSON.stringify({ ...JSON.parse(body), results: Array(500).fill({ id: 'same' }) })),
    'invalid_response',
  ],
  ['a page without results', effects.body(() => '{}'), 'invalid_response'],
  ['a project without an id', effects.body(() => '{"results":[{"name":"x"}]}'), 'invalid_response'],
  ['one page that fails', effects.status(500), 'server_error'],
])('%s: %s', async (_name, effect, reason) => {
  simulator.world.addProject();
  simulator.faults.add(effect, ({ operation }) => operation === 'v2.orgGroups');
  await using atlas = atlasFor(simulator);
  expect(await reasonOf(atlas.listProjects('main', all))).toBe(reason);
});
