import { DigestClient } from 'digest-fetch';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSimulator, demoKeys, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';
import type { OtherKind } from '../../src/simulator/world/model.ts';
import { otherKinds } from '../../src/simulator/world/other-kinds.ts';

const first = '66a1b2c3d4e5f60718293a01';
const second = '66a1b2c3d4e5f60718293a02';
const nobody = '66a1b2c3d4e5f607182930ff';
const v2 = '/api/atlas/v2';
let simulator: Simulator;

async function start(options: SimulatorOptions = {}) {
  simulator = createSimulator(options);
  await simulator.start();
  simulator.world.addProject({ id: first, name: 'Shop-prod' });
  simulator.world.addProject({ id: second, name: 'shop-test' });
}
beforeEach(() => start());
afterEach(() => simulator[Symbol.asyncDispose]());

const ask = (path: string, method = 'GET', user: string = demoKeys.publicKey): Promise<Response> =>
  new DigestClient(user, demoKeys.privateKey).fetch(simulator.url + path, {
    method,
    headers: { Accept: 'application/vnd.atlas.2024-11-13+json' },
  });
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { errorCode?: string }).errorCode];
const namesOf = async (answer: Response) =>
  ((await answer.json()) as { results: { name: string }[] }).results.map(({ name }) => name);

/** Another account, with the same secret as the demo's. */
async function startWith(
  account: Partial<NonNullable<SimulatorOptions['accounts']>[number]>,
  options: SimulatorOptions = {},
) {
  await simulator[Symbol.asyncDispose]();
  await start({ ...options, accounts: [{ user: demoKeys.publicKey, secret: demoKeys.privateKey, ...account }] });
}

describe('organizations', () => {
  const path = `${v2}/orgs/${demoKeys.orgId}/groups`;

  test('names are looked for by their beginning, in letters of any case', async () => {
    expect(await namesOf(await ask(`${path}?name=SHOP-p`))).toEqual(['Shop-prod']);
  });

  test.each([404, 401] as const)('one that does not exist is %i', async (status) => {
    await startWith({}, { unknownOrganization: status });
    const code = status === 404 ? 'RESOURCE_NOT_FOUND' : 'USER_CANNOT_ACCESS_ORG';
    expect(await codeOf(await ask(path.replace(demoKeys.orgId, nobody)))).toEqual([status, code]);
  });

  test('a member lists the projects that it was added to; an account of projects alone is refused', async () => {
    await startWith({ projects: [second], organizationRole: 'member' });
    expect(await namesOf(await ask(path))).toEqual(['shop-test']);
    expect(await namesOf(await ask(`${v2}/groups`))).toEqual(['shop-test']);
    await startWith({ projects: [second] });
    expect(await codeOf(await ask(path))).toEqual([401, 'USER_CANNOT_ACCESS_ORG']);
  });
});

describe('a role that is missing', () => {
  test.each([
    ['a project', { projects: [] }, `/groups/${first}/privateEndpoint/AWS/endpointService`, 'USER_CANNOT_ACCESS_GROUP'],
    ['an owner', { owner: false }, `/groups/${first}/backup/AWS/privateEndpoints`, 'USER_UNAUTHORIZED'],
    ['an organization', { projects: [] }, `/orgs/${demoKeys.orgId}/groups`, 'USER_CANNOT_ACCESS_ORG'],
  ])('%s: is refused with 401 or with 403', async (_name, account, path, code) => {
    for (const refusal of [401, 403] as const) {
      await startWith({ ...account, refusal });
      expect(await codeOf(await ask(v2 + path))).toEqual([refusal, code]);
    }
  });
});

describe('an element by itself', () => {
  test.each(Object.keys(otherKinds) as OtherKind[])(
    '%s: is the one of the list, and 404 when it is gone',
    async (kind) => {
      const project = simulator.world.projects.get(first);
      if (!project) throw new Error('No project');
      const endpoint = simulator.world.addOtherEndpoint(project, { kind });
      const list = `${v2}/groups/${first}${otherKinds[kind].path.replace(/\(.*?\)/, 'AWS')}`;
      const { results } = (await (await ask(list)).json()) as { results: unknown[] };
      const one = await ask(`${list}/${endpoint.id}`);
      expect([one.status, await one.json()]).toEqual([200, results[0]]);
      simulator.world.removeOtherEndpoint(endpoint);
      expect(await codeOf(await ask(`${list}/${endpoint.id}`))).toEqual([404, 'PRIVATE_ENDPOINT_SERVICE_NOT_FOUND']);
    },
  );

  test('an endpoint that is listed may answer 404', async () => {
    const project = simulator.world.projects.get(first);
    if (!project) throw new Error('No project');
    const connection = simulator.world.addConnection(project);
    const endpoint = simulator.world.attach(connection);
    const list = `${v2}/groups/${first}/privateEndpoint/AWS/endpointService`;
    simulator.world.setUnreadable(endpoint, true);
    expect(await (await ask(list)).json()).toMatchObject([{ interfaceEndpoints: [endpoint.id] }]);
    const alone = `${list}/${connection.id}/endpoint/${endpoint.id}`;
    expect(await codeOf(await ask(alone))).toEqual([404, 'PRIVATE_ENDPOINT_SERVICE_NOT_FOUND']);
    simulator.world.setUnreadable(endpoint, false);
    expect((await ask(alone)).status).toBe(200);
  });
});

describe('methods', () => {
  test('HEAD is GET without a body', async () => {
    const [head, get] = [await ask(`${v2}/groups`, 'HEAD'), await ask(`${v2}/groups`)];
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-length')).toBe(String((await get.text()).length));
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is refused', async (method) => {
    const answer = await ask(`${v2}/groups/${first}`, method);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    expect(await codeOf(answer)).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(simulator.world.projects.has(first)).toBe(true);
  });
});

test('a deprecated version says so in its headers', async () => {
  const path = `${v2}/groups/${first}/privateEndpoint/AWS/endpointService`;
  simulator.deprecations.set('v2.list', { since: Date.UTC(2024, 7, 5), sunset: Date.UTC(2027, 6, 1) });
  const { headers } = await ask(path);
  expect([headers.get('deprecation'), headers.get('sunset')]).toEqual([
    'Mon, 5 Aug 2024 00:00:00 GMT',
    'Thu, 1 Jul 2027 00:00:00 GMT',
  ]);
  simulator.deprecations.set('v2.list', { since: Date.UTC(2024, 7, 5), sunset: null });
  expect((await ask(path)).headers.get('sunset')).toBeNull();
  simulator.deprecations.set('v2.list', null);
  expect((await ask(path)).headers.get('deprecation')).toBeNull();
});
