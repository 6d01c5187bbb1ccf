import { DigestClient } from 'digest-fetch';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SimulatorClock } from '../../src/simulator/clock.ts';
import { demoProjects, playScenario } from '../../src/simulator/scenes/scenario.ts';
import { createSimulator, demoKeys, type Simulator } from '../../src/simulator/simulator.ts';
import type { SimulatedConnection, SimulatedProject } from '../../src/simulator/world/model.ts';
import { otherKinds } from '../../src/simulator/world/other-kinds.ts';
import { seedEstate } from '../../src/simulator/world/seed.ts';

const id = '66a1b2c3d4e5f60718293a4b';
const v2 = 'application/vnd.atlas.2023-01-01+json';
let now: number;
let timers: { at: number; run: () => void }[];
let simulator: Simulator;
let project: SimulatedProject;
let connection: SimulatedConnection;

const clock: SimulatorClock = {
  now: () => now,
  after(delay, run) {
    const timer = { at: now + delay, run };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  },
};

/** Lets the simulator's time pass. */
function pass(ms: number) {
  const end = now + ms;
  for (;;) {
    const [next] = timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
    if (!next) break;
    timers = timers.filter((timer) => timer !== next);
    now = next.at;
    next.run();
  }
  now = end;
}

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  timers = [];
  simulator = createSimulator({ clock });
  await simulator.start();
  project = simulator.world.addProject({ id, name: 'shop-prod' });
  connection = simulator.world.addConnection(project, { id: '66b1d2e3f405162738495a61', region: 'US_EAST_1' });
});
afterEach(() => simulator[Symbol.asyncDispose]());

const client = () => new DigestClient(demoKeys.publicKey, demoKeys.privateKey);
const get = (path: string, accept = v2, by = client()): Promise<Response> =>
  by.fetch(simulator.url + path, { headers: { Accept: accept } });
const list = `/api/atlas/v2/groups/${id}/privateEndpoint/AWS/endpointService`;

describe('digest', () => {
  test('the challenge is the recorded one, pretty-printed body and all', async () => {
    const answer = await fetch(simulator.url + list, { headers: { Accept: v2 } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(
      /^Digest realm="MMS Public API", domain="", nonce="[A-Za-z0-9+/]{32}", algorithm=MD5, qop="auth", stale=false$/,
    );
    expect(answer.headers.get('ratelimit-limit')).toBeNull();
    expect(await answer.text()).toContain('"error" : 401');
  });

  test('a nonce lives a minute, its count may only grow, and a wrong key is the same 401', async () => {
    const by = client();
    expect((await get(list, v2, by)).status).toBe(200);
    expect((await get(list, v2, by)).status).toBe(200);
    expect(simulator.counts()).toEqual({ 'challenge 401': 1, 'v2.list 200': 2 });
    now += 61_000;
    expect((await get(list, v2, by)).status).toBe(200);
    expect(simulator.counts()['challenge 401']).toBe(2);
    by.digest.nc = 0;
    await get(list, v2, by);
    expect(simulator.counts()['challenge 401']).toBe(3);
    const wrong = await get(list, v2, new DigestClient(demoKeys.publicKey, 'wrong'));
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('stale=false'),
    ]);
  });
});

describe('v2', () => {
  test('a list in the recorded shape, with version and limits in its headers', async () => {
    const answer = await get(list);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/vnd.atlas.2023-01-01+json;charset=utf-8',
      'ratelimit-limit': '4000',
      'ratelimit-remaining': '3999',
      server: 'mdbws',
      'x-java-method': 'ApiAtlasPrivateEndpointResource::getEndpointServices',
    });
    expect(await answer.json()).toEqual([
      {
        cloudProvider: 'AWS',
        endpointServiceName: expect.stringMatching(/^com\.amazonaws\.vpce\.us-east-1\.vpce-svc-[0-9a-f]{17}$/),
        errorMessage: null,
        id: connection.id,
        interfaceEndpoints: [],
        regionName: 'US_EAST_1',
        status: 'AVAILABLE',
        supportedRemoteRegions: null,
      },
    ]);
  });

  test.each([
    ['no version', list, 'application/json', 406, 'INVALID_VERSION_DATE'],
    ['a version before the first', list, 'application/vnd.atlas.2022-01-01+json', 406, 'INVALID_VERSION_DATE'],
    ['a later version', list, 'application/vnd.atlas.2025-03-12+json', 200, null],
    ['no such project', list.replace(id, '66a1b2c3d4e5f60718293aff'), v2, 404, 'GROUP_NOT_FOUND'],
    ['no such service', `${list}/66b1d2e3f405162738495aff`, v2, 404, 'PRIVATE_ENDPOINT_SERVICE_NOT_FOUND'],
    ['no such path', '/api/atlas/v2/nothing', v2, 404, 'RESOURCE_NOT_FOUND'],
    [
      'an id that is not encoded',
      `${list.replace('AWS', 'AZURE')}/66b1d2e3f405162738495a61/endpoint//subscriptions/a`,
      v2,
      404,
      'RESOURCE_NOT_FOUND',
    ],
  ])('%s', async (_name, path, accept, status, code) => {
    const answer = await get(path, accept);
    expect([answer.status, answer.headers.get('x-error-code')]).toEqual([status, code]);
  });

  test('an empty bucket answers 429 until it is filled', async () => {
    simulator.buckets.setCapacity('privateEndpoint', 2);
    const by = client();
    expect([(await get(list, v2, by)).status, (await get(list, v2, by)).status]).toEqual([200, 200]);
    const refused = await get(list, v2, by);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect(await refused.json()).toMatchObject({
      errorCode: 'RATE_LIMITED_TOKEN_BUCKET',
      parameters: [list.slice(1), 60, 2, 2, 60],
    });
    now += 60_000;
    expect((await get(list)).status).toBe(200);
  });

  test('projects by pages, with a link to the next', async () => {
    for (let n = 0; n < 4; n++) simulator.world.addProject();
    const first = await (await get('/api/atlas/v2/groups?itemsPerPage=3&pageNum=1')).json();
    expect(first).toMatchObject({
      totalCount: 5,
      results: [{ id, name: 'shop-prod', orgId: demoKeys.orgId }, {}, {}],
      links: [{ rel: 'self' }, { rel: 'next' }],
    });
    const second = await (await get(`/api/atlas/v2/orgs/${demoKeys.orgId}/groups?itemsPerPage=3&pageNum=2`)).json();
    expect(second).toMatchObject({ results: [{}, {}], links: [{ rel: 'self' }] });
  });
});

test('v1.0 has five fields and no AVAILABLE, no limits and no versions', async () => {
  simulator.world.attach(connection, { id: 'vpce-1' });
  const answer = await get(`/api/atlas/v1.0/groups/${id}/privateEndpoint`, 'application/json');
  expect([answer.headers.get('content-type'), answer.headers.get('ratelimit-limit')]).toEqual([
    'application/json',
    null,
  ]);
  const [element] = (await answer.json()) as Record<string, unknown>[];
  expect(Object.keys(element ?? {}).sort()).toEqual([
    'endpointServiceName',
    'errorMessage',
    'id',
    'interfaceEndpoints',
    'status',
  ]);
  expect(element).toMatchObject({ status: 'WAITING_FOR_USER', interfaceEndpoints: ['vpce-1'] });
});

test('the scenario shows everything within two minutes', () => {
  const stop = playScenario(simulator.world, clock);
  pass(119_000);
  const entries = simulator.world.history.since(0).filter(({ at }) => at > Date.UTC(2026, 0, 1));
  expect(new Set(entries.flatMap(({ change }) => change ?? []))).toEqual(
    new Set(['set', 'changed', 'reworded', 'cleared']),
  );
  const entered = new Set(entries.filter(({ type }) => type === 'status').map(({ to }) => to));
  for (const status of [
    'WAITING_FOR_USER',
    'AVAILABLE',
    'FAILED',
    'DELETING',
    'PENDING_ACCEPTANCE',
    'PENDING',
    'REJECTED',
    'VERIFIED',
  ]) {
    expect(entered).toContain(status);
  }
  expect(new Set(entries.filter(({ connectionId }) => connectionId).map(({ type }) => type))).toEqual(
    new Set(['added', 'removed', 'status', 'error_message']),
  );
  for (const kind of ['data_federation', 'streams', 'encryption_at_rest', 'backup'] as const) {
    const mine = entries.filter((entry) => entry.kind === kind);
    const seen = new Set(mine.filter(({ type }) => type === 'status').map(({ to }) => to));
    // Away from what is ready and back again, in every cycle.
    expect([kind, seen.has(otherKinds[kind].ready), seen.size > 2]).toEqual([kind, true, true]);
    const told = new Set(mine.flatMap(({ change }) => change ?? []));
    expect([kind, [...told].sort()]).toEqual([kind, kind === 'streams' ? [] : ['cleared', 'set']]);
  }
  expect([...simulator.world.projects.keys()]).toEqual(expect.arrayContaining(Object.values(demoProjects)));
  pass(600_000);
  stop();
  expect(timers).toEqual([]);
});

test('an estate may have one private endpoint of each other kind in each project', () => {
  const ids = seedEstate(simulator.world, { projects: 6, connections: 0, seed: 7, otherKinds: true });
  const all = ids.flatMap((projectId) => simulator.world.projects.get(projectId)?.otherEndpoints ?? []);
  expect(Map.groupBy(all, ({ kind }) => kind).size).toBe(Object.keys(otherKinds).length);
  expect(all).toHaveLength(6 * Object.keys(otherKinds).length);
  expect(new Set(all.filter(({ kind }) => kind === 'streams').map(({ cloud }) => cloud)).size).toBe(3);
  expect(all.every(({ kind, status }) => status === otherKinds[kind].ready)).toBe(true);
});

test('an estate of 10,000 projects and 30,000 connections follows from its seed, and answers', async () => {
  const ids = seedEstate(simulator.world, { projects: 10_000, connections: 3, seed: 7 });
  expect(simulator.world.connections.size).toBe(30_001);
  await using other = createSimulator();
  expect(seedEstate(other.world, { projects: 3, connections: 3, seed: 7 })).toEqual(ids.slice(0, 3));
  expect((await get(list.replace(id, ids[9_999] ?? ''))).status).toBe(200);
});
