import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lookups } from '../../../src/atlas/lists/lookups.ts';
import { effects } from '../../../src/simulator/faults.ts';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import { atlasFor, how, type ObservedRequest, reasonOf } from '../../support/atlas.ts';
import { aSource } from '../../support/builders.ts';

const id = '66a1b2c3d4e5f60718293a4b';
const { signal } = new AbortController();
const mode = { lookup: 'regional_mode', subject: id, credential: 'main', projectId: id, orgId: '' } as const;
let simulator: Simulator;
beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
});
afterEach(() => simulator[Symbol.asyncDispose]());

describe('names', () => {
  test('of every project that the credential can see', async () => {
    simulator.world.addProject({ id, name: 'Daten & Analyse (EU), v2' });
    await using atlas = atlasFor(simulator);
    const learned = await atlas.fetchLookup({ ...mode, lookup: 'names', subject: 'main' }, signal);
    expect([...(learned?.projects ?? [])]).toEqual([[id, { name: 'Daten & Analyse (EU), v2', orgId: demoKeys.orgId }]]);
  });

  test.each([
    ['a configured project', aSource(), false, true],
    ['a project that discovery lists', aSource(), true, false],
    ['v1.0', aSource({ api: 'v1.0' }), false, false],
  ])('are asked for by the credential of %s: %#', (_name, source, isListed, asks) => {
    expect(lookups.names.asks({ source, isListed, credentialType: 'digest' })).toBe(asks);
  });
});

describe('regional mode', () => {
  test.each([
    ['clusters', aSource(), true],
    ['another kind', aSource({ kind: 'streams' }), false],
    ['v1.0', aSource({ api: 'v1.0' }), false],
  ])('is asked for projects whose %s are watched: %#', (_name, source, asks) => {
    expect(lookups.regional_mode.asks({ source, isListed: false, credentialType: 'digest' })).toBe(asks);
  });

  test.each([true, false])('%s is told as it is', async (regionalMode) => {
    simulator.world.addProject({ id, regionalMode });
    const seen: ObservedRequest[] = [];
    await using atlas = atlasFor(simulator, {}, seen);
    expect([...((await atlas.fetchLookup(mode, signal))?.projects ?? [])]).toEqual([[id, { regionalMode }]]);
    expect(seen).toContainEqual({ operation: 'get_regional_mode', code: 200 });
  });

  test.each(['{}', '{"enabled":null}', '{"enabled":"true"}', '[]'])('%s is no answer', async (body) => {
    simulator.world.addProject({ id });
    simulator.faults.add(effects.body(() => body));
    await using atlas = atlasFor(simulator);
    expect(await reasonOf(atlas.fetchLookup(mode, signal))).toBe('invalid_response');
  });

  test('that Atlas refuses has a reason', async () => {
    await using atlas = atlasFor(simulator);
    expect(await reasonOf(atlas.fetchLookup(mode, signal))).toBe('project_not_found');
  });

  test('does not ask a bucket that the polls of its project used up', async () => {
    simulator.world.addProject({ id });
    await using atlas = atlasFor(simulator, { retries: 0 });
    const headers = { 'Retry-After': '120' };
    simulator.faults.add(
      effects.error(429, 'RATE_LIMITED_TOKEN_BUCKET', headers),
      ({ operation }) => operation === 'v2.list',
    );
    expect(await reasonOf(atlas.fetchReading(aSource({ projectId: id }), how()))).toBe('rate_limited');
    simulator.forgetRequests();
    expect(await atlas.fetchLookup(mode, signal)).toBeNull();
    expect(simulator.requests).toEqual([]);
  });
});

describe('the end of a secret', () => {
  const robot = {
    name: 'main',
    type: 'serviceAccount',
    user: () => demoKeys.clientId,
    password: () => demoKeys.clientSecret,
  } as const;
  const question = { ...mode, lookup: 'secret_expiry', subject: 'main' } as const;
  const now = Date.now();
  const hour = 3_600_000;
  const secret = (id: string, endsIn: number, usedAgo: number | null) => ({
    id,
    createdAt: now - 1_000 * hour,
    expiresAt: Math.floor(now / 1000) * 1000 + endsIn * hour,
    lastUsedAt: usedAgo === null ? null : now - usedAgo * hour,
  });
  const endsIn = async (orgId = '') => {
    await using atlas = atlasFor(simulator, { credentials: [robot], retries: 0 });
    const learned = await atlas.fetchLookup({ ...question, orgId }, signal);
    const at = learned?.credentials?.get('main')?.secretExpiresAt ?? null;
    return at === null ? null : (at - Math.floor(now / 1000) * 1000) / hour;
  };
  const targets = () =>
    simulator.requests.filter(({ operation }) => operation === 'v2.serviceAccount').map(({ target }) => target);
  beforeEach(() => void simulator.world.addProject({ id }));

  test.each([
    ['of one', [secret('a', 10, null)], 10],
    [
      'of those that were used within a day the last',
      [secret('a', 10, 1), secret('b', 50, 2), secret('c', 90, 30)],
      50,
    ],
    ['of those that nobody used within a day the last', [secret('a', 10, 30), secret('b', 50, null)], 50],
    ['of one that is over', [secret('a', -10, 5)], -10],
    ['of none', [], null],
  ] as const)('%s', async (_name, secrets, expected) => {
    simulator.world.secrets.set(demoKeys.clientId, secrets);
    expect(await endsIn(demoKeys.orgId)).toBe(expected);
    expect(targets()).toEqual([`/api/atlas/v2/orgs/${demoKeys.orgId}/serviceAccounts/${demoKeys.clientId}`]);
  });

  test('is asked of the project when the organization is not known, or may not be read', async () => {
    const project = `/api/atlas/v2/groups/${id}/serviceAccounts/${demoKeys.clientId}`;
    expect(await endsIn()).toBeGreaterThan(2_000);
    expect(targets()).toEqual([project]);
    await simulator[Symbol.asyncDispose]();
    simulator = createSimulator({
      accounts: [{ user: demoKeys.clientId, secret: demoKeys.clientSecret, type: 'serviceAccount', projects: [id] }],
    });
    await simulator.start();
    simulator.world.addProject({ id });
    expect(await endsIn(demoKeys.orgId)).toBeGreaterThan(2_000);
    expect(targets()).toEqual([expect.stringContaining('/orgs/'), project]);
  });

  test('that may not be read says which role it takes', async () => {
    simulator.world.secrets.clear();
    await expect(endsIn(demoKeys.orgId)).rejects.toMatchObject({
      reason: 'not_supported',
      remedy: expect.stringContaining('Organization Read Only'),
    });
  });

  test.each(['{}', '{"secrets":[{"expiresAt":"soon"}]}', '[]'])('%s is no answer', async (body) => {
    simulator.faults.add(
      effects.body(() => body),
      ({ operation }) => operation === 'v2.serviceAccount',
    );
    expect(await reasonOf(endsIn(demoKeys.orgId))).toBe('invalid_response');
  });

  test('is asked of service accounts alone', () => {
    const source = aSource();
    const { asks } = lookups.secret_expiry;
    expect(asks({ source, isListed: true, credentialType: 'digest' })).toBe(false);
    expect(asks({ source, isListed: true, credentialType: 'serviceAccount' })).toBe(true);
  });
});

describe('limits', () => {
  const question = { ...mode, lookup: 'limits' } as const;
  const nodes = 'atlas.project.deployment.nodesPerPrivateLinkRegion';
  const told = async () => {
    await using atlas = atlasFor(simulator, { retries: 0 });
    return (await atlas.fetchLookup(question, signal))?.projects?.get(id)?.limits;
  };

  test('of private links are told, others are not', async () => {
    simulator.world.addProject({ id });
    expect(await told()).toEqual([
      { limit: 'nodes_per_private_link_region', value: 50, usage: 6 },
      { limit: 'private_service_connections_per_region_group', value: 50, usage: 3 },
    ]);
  });

  test('whose usage is not told, and of which there are none', async () => {
    const project = simulator.world.addProject({ id });
    simulator.world.setLimits(project, [{ name: nodes, value: 90 }]);
    expect(await told()).toEqual([{ limit: 'nodes_per_private_link_region', value: 90, usage: null }]);
    simulator.world.setLimits(project, []);
    expect(await told()).toEqual([]);
  });

  test.each([
    '{}',
    '[{"value":1}]',
    `[{"name":"${nodes}"}]`,
    `[{"name":"${nodes}","value":"50"}]`,
    `[{"name":"${nodes}","value":50,"currentUsage":-1}]`,
  ])('%s is no answer', async (body) => {
    simulator.world.addProject({ id });
    simulator.faults.add(effects.body(() => body));
    expect(await reasonOf(told())).toBe('invalid_response');
  });

  test('of another kind may be anything', async () => {
    simulator.world.addProject({ id });
    simulator.faults.add(effects.body(() => '[{"name":"atlas.project.new","value":{"perHour":3}}]'));
    expect(await told()).toEqual([]);
  });

  test.each([
    ['clusters', aSource(), true],
    ['another kind', aSource({ kind: 'streams' }), false],
    ['v1.0', aSource({ api: 'v1.0' }), false],
  ])('are asked for projects whose %s are watched: %#', (_name, source, asks) => {
    expect(lookups.limits.asks({ source, isListed: false, credentialType: 'digest' })).toBe(asks);
  });
});

describe('the audit log', () => {
  const question = { ...mode, lookup: 'audit_log' } as const;
  const told = async (since = 0) => {
    await using atlas = atlasFor(simulator, { retries: 0 });
    return (await atlas.fetchLookup({ ...question, since }, signal))?.events ?? [];
  };
  const queries = () =>
    simulator.requests
      .filter(({ operation }) => operation === 'v2.events')
      .map(({ target }) => new URLSearchParams(target.split('?')[1]));

  test('tells who did what to private links, and from where', async () => {
    const project = simulator.world.addProject({ id });
    const connection = simulator.world.addConnection(project);
    simulator.world.audit.actAs({ username: 'anna@example.com', address: '203.0.113.10', isStaff: true });
    const endpoint = simulator.world.attach(connection);
    simulator.world.audit.actAs({});
    simulator.world.requestDeletion(endpoint);
    simulator.world.detach(endpoint);
    simulator.world.audit.record(id, 'USER_CREATED');
    const events = await told();
    expect(events.map(({ id: _, at, ...event }) => event).toReversed()).toEqual([
      {
        ...{ type: 'ENDPOINT_SERVICE_CREATED', username: null, publicKey: 'abcdefgh' },
        ...{ address: '203.0.113.9', mongodbStaff: false },
      },
      {
        ...{ type: 'INTERFACE_ENDPOINT_CREATED', username: 'anna@example.com', publicKey: null },
        ...{ address: '203.0.113.10', mongodbStaff: true },
      },
      {
        ...{ type: 'INTERFACE_ENDPOINT_DELETED', username: null, publicKey: null },
        ...{ address: null, mongodbStaff: false },
      },
    ]);
    expect(queries()[0]?.getAll('eventType')).toContain('ENDPOINT_SERVICE_DELETED');
  });

  test('is asked since a moment, and 10,000 older events cost nothing', async () => {
    simulator.world.addProject({ id });
    const since = Date.parse('2026-01-01T12:00:00.500Z');
    for (let n = 0; n < 10_000; n++) simulator.world.audit.record(id, 'ENDPOINT_SERVICE_DELETED', since - 60_000 - n);
    simulator.world.audit.record(id, 'ENDPOINT_SERVICE_CREATED', since + 1_000);
    expect((await told(since)).map(({ type }) => type)).toEqual(['ENDPOINT_SERVICE_CREATED']);
    expect(queries().map((query) => query.get('minDate'))).toEqual(['2026-01-01T12:00:00Z']);
  });

  test('with more than 10,000 events since then is read from its newest', async () => {
    simulator.world.addProject({ id });
    for (let n = 0; n < 10_400; n++) simulator.world.audit.record(id, 'ENDPOINT_SERVICE_DELETED', n * 1_000);
    const events = await told();
    expect([events.length, events[0]?.at, queries().length]).toEqual([10_000, 10_399_000, 20]);
  });

  test('that refuses a type by name is asked for all of them', async () => {
    const project = simulator.world.addProject({ id });
    simulator.world.addConnection(project);
    simulator.world.audit.record(id, 'USER_CREATED');
    simulator.faults.add(effects.error(400, 'INVALID_ENUM_VALUE'), ({ target }) => target.includes('eventType='));
    expect((await told()).map(({ type }) => type)).toEqual(['ENDPOINT_SERVICE_CREATED']);
  });

  test('with events that cannot be read tells the others', async () => {
    simulator.world.addProject({ id });
    const good = { id: 'e1', created: '2026-01-01T00:00:00Z', eventTypeName: 'ENDPOINT_SERVICE_DELETED' };
    const results = [good, null, {}, { ...good, id: 'e2', created: 'soon' }, { ...good, id: 'e3', publicKey: 7 }];
    simulator.faults.add(effects.body(() => JSON.stringify({ results })));
    expect((await told()).map((event) => event.id)).toEqual(['e1']);
  });

  test.each(['{}', '[]', '{"results":{}}'])('%s is no answer', async (body) => {
    simulator.world.addProject({ id });
    simulator.faults.add(effects.body(() => body));
    expect(await reasonOf(told())).toBe('invalid_response');
  });

  test.each([
    ['clusters', aSource(), true],
    ['encryption at rest', aSource({ kind: 'encryption_at_rest' }), true],
    ['another kind', aSource({ kind: 'streams' }), false],
    ['v1.0', aSource({ api: 'v1.0' }), false],
  ])('is asked of projects whose %s are watched: %#', (_name, source, asks) => {
    expect(lookups.audit_log.asks({ source, isListed: false, credentialType: 'digest' })).toBe(asks);
  });
});
