/**
 * Random histories of an Atlas that is as untidy as the real one, read over HTTP: entries without status, regions that
 * differ, roles that are missing, headers of the deprecated, endpoints that are listed and answer 404.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Atlas } from '../../src/atlas/atlas.ts';
import { toAtlasError } from '../../src/atlas/error.ts';
import { settle } from '../../src/domain/reading.ts';
import { type Connection, interfaceEndpointKey, type Snapshot } from '../../src/domain/snapshot.ts';
import { type ConnectionKind, connectionKinds, listsOf } from '../../src/domain/status.ts';
import { createSimulator, demoKeys, type Simulator } from '../../src/simulator/simulator.ts';
import type { AtlasWorld } from '../../src/simulator/world/atlas-world.ts';
import { clouds, type OtherEndpoint, type SimulatedConnection } from '../../src/simulator/world/model.ts';
import { atlasFor, how } from '../support/atlas.ts';
import { aSource } from '../support/builders.ts';
import { histories } from '../support/sizes.ts';

const projectIds = ['5df264b8f10fab7d2cad2f01', '5df264b8f10fab7d2cad2f02'] as const;
const is = <const T extends string>(type: T) => fc.constant(type);
const project = fc.constantFrom(...projectIds);
const otherKind = fc.constantFrom('data_federation', 'streams', 'encryption_at_rest', 'backup');
/** What an element has besides, or lacks. */
const fields = fc.constantFrom(
  {},
  { customerEndpointDNSName: undefined },
  { vpcRegionName: 'US_EAST_2' },
  { provider: 'Oracle' },
  { somethingNew: { of: ['Atlas'] } },
);
const act = fc.oneof(
  fc.record({
    type: is('add'),
    project,
    cloud: fc.constantFrom(...clouds),
    status: fc.constantFrom('AVAILABLE', 'WAITING_FOR_USER', 'FAILED'),
  }),
  fc.record({ type: is('add other'), project, kind: otherKind, hasStatus: fc.boolean(), fields }),
  fc.record({ type: is('attach'), n: fc.nat() }),
  fc.record({ type: is('hide'), n: fc.nat(), hides: fc.constantFrom(true, true, false) }),
  fc.record({
    type: is('deprecate'),
    operation: fc.constantFrom('v2.list', 'v2.endpoint', 'v2.streams'),
    sunset: fc.option(fc.constant(1_830_297_600_000)),
  }),
  fc.record({ type: is('regional mode'), project, enabled: fc.boolean() }),
  fc.record({ type: is('remove'), n: fc.nat() }),
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;
const history = fc.record({
  /** What the key may: its role, how a missing one is refused, and whether it was added to one project only. */
  owner: fc.constantFrom(false, true, true),
  refusal: fc.constantFrom(401, 403, null),
  seesAll: fc.boolean(),
  /** Of a key that was added to one project. */
  isMember: fc.boolean(),
  /** What Atlas answers for an organization that is not there. */
  unknownOrganization: fc.constantFrom(404, 401),
  steps: fc.array(fc.array(act, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
});

test('every list that may be read is read, to the last element, and every other one says why not', async () => {
  const met = new Set<string>();
  await fc.assert(
    fc.asyncProperty(history, async ({ owner, refusal, seesAll, isMember, unknownOrganization, steps }) => {
      const projects = seesAll ? null : [projectIds[0]];
      const organizationRole: 'reader' | 'member' | 'none' = seesAll ? 'reader' : isMember ? 'member' : 'none';
      const account = {
        user: demoKeys.publicKey,
        secret: demoKeys.privateKey,
        owner,
        refusal,
        projects,
        organizationRole,
      };
      await using simulator = createSimulator({ accounts: [account], unknownOrganization });
      await simulator.start();
      for (const id of projectIds) begin(simulator.world, id);
      await using atlas = atlasFor(simulator, { retries: 0 });
      const known = new Map<string, Snapshot>();
      const listed = organizationRole === 'none' ? null : (projects ?? projectIds);
      await expectListings(atlas, listed, unknownOrganization);
      for (const acts of steps) {
        for (const each of acts) happen(simulator, each);
        for (const id of projectIds)
          for (const kind of connectionKinds)
            for (const cloud of listsOf(kind))
              met.add(
                await compare(
                  simulator,
                  atlas,
                  known,
                  { id, kind, cloud },
                  { owner, sees: seesAll || id === projectIds[0] },
                ),
              );
      }
    }),
    { numRuns: Math.max(15, Math.ceil(histories / 50)) },
  );
  expect([...met].toSorted()).toEqual(expect.arrayContaining(['nothing', 'unreadable']));
});

/** A project with a connection whose last interface endpoint is listed, and answers 404. */
function begin(world: AtlasWorld, id: string): void {
  const connection = world.addConnection(world.addProject({ id }));
  for (let n = 0; n < 3; n += 1) world.attach(connection);
  world.setUnreadable(world.attach(connection), true);
}

/** `listed`: the projects that the key is told of; null when it may not list them. And what is said of one that is not there. */
async function expectListings(
  atlas: Atlas,
  listed: readonly string[] | null,
  unknownOrganization: 404 | 401,
): Promise<void> {
  const { signal } = how();
  const list = (organization: string) =>
    atlas.listProjects('main', { organization, signal }).then(
      (projects) => projects.map(({ id }) => id),
      (thrown) => toAtlasError(thrown),
    );
  const mine = await list(demoKeys.orgId);
  const role = { reason: 'forbidden', remedy: expect.stringContaining('Organization Read Only') };
  if (listed === null) expect(mine).toMatchObject(role);
  else expect(mine).toEqual(listed);
  const none = 'f'.repeat(24);
  expect(await list(none)).toMatchObject(
    unknownOrganization === 401 ? role : { remedy: `Check the id of organization ${none}: Atlas does not know it` },
  );
}

function happen({ world, deprecations }: Simulator, act: Act): void {
  const connections = [...world.connections.values()];
  const pick = <T>(all: readonly T[], n: number) => (all.length === 0 ? undefined : all[n % all.length]);
  const projectOf = (id: string) => {
    const found = world.projects.get(id);
    if (!found) throw new Error('No project');
    return found;
  };
  switch (act.type) {
    case 'add': {
      const remote = act.cloud === 'AWS' ? { remoteRegions: ['EU_WEST_1', 'EU_WEST_3'] } : {};
      world.addConnection(projectOf(act.project), { cloud: act.cloud, status: act.status, ...remote });
      break;
    }
    case 'add other': {
      const cloud = 'AWS';
      const status = act.hasStatus ? {} : { status: null };
      world.addOtherEndpoint(projectOf(act.project), { kind: act.kind, cloud, fields: act.fields, ...status });
      break;
    }
    case 'attach': {
      const connection = pick(connections, act.n);
      if (connection) world.attach(connection);
      break;
    }
    case 'hide': {
      const endpoint = pick(
        connections.flatMap(({ interfaceEndpoints }) => interfaceEndpoints),
        act.n,
      );
      if (endpoint) world.setUnreadable(endpoint, act.hides);
      break;
    }
    case 'deprecate':
      deprecations.set(act.operation, { since: 1_722_816_000_000, sunset: act.sunset });
      break;
    case 'regional mode':
      world.setRegionalMode(projectOf(act.project), act.enabled);
      break;
    case 'remove': {
      const connection = pick(connections, act.n);
      if (connection) world.removeConnection(connection);
      break;
    }
  }
}

/** Reads one list, compares it with the world, and says what it was. */
async function compare(
  { world }: Simulator,
  atlas: Atlas,
  known: Map<string, Snapshot>,
  {
    id,
    kind,
    cloud,
  }: { readonly id: string; readonly kind: ConnectionKind; readonly cloud: '' | 'AWS' | 'AZURE' | 'GCP' },
  { owner, sees }: { readonly owner: boolean; readonly sees: boolean },
): Promise<string> {
  const source = aSource({ projectId: id, kind, cloudProvider: cloud });
  const isOwners = kind === 'encryption_at_rest' || kind === 'backup';
  const outcome = await atlas.fetchReading(source, how()).catch(toAtlasError);
  if (!sees || (isOwners && !owner)) {
    expect(outcome).toMatchObject({ reason: 'forbidden', remedy: expect.stringContaining(`credential 'main'`) });
    return 'forbidden';
  }
  if ('reason' in outcome) throw outcome;
  const before = known.get(source.key) ?? null;
  const after = settle(before, outcome);
  known.set(source.key, after);
  const there = world.projects.get(id);
  const expected =
    kind === 'cluster'
      ? (there?.connections ?? []).filter((one) => one.cloud === cloud).map((one) => ofConnection(one, before))
      : (there?.otherEndpoints ?? [])
          .filter((one) => one.kind === kind && (cloud === '' || one.cloud === cloud))
          .map(ofOther);
  expect(after.connections.map(shown)).toEqual(expected.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
  const isUnreadable = after.connections.some(({ interfaceEndpoints }) =>
    interfaceEndpoints.some((one) => one.unreadable),
  );
  return isUnreadable ? 'unreadable' : 'nothing';
}

interface Shown {
  readonly id: string;
  readonly cloud: string;
  readonly status: string | null;
  readonly endpoints: readonly (readonly [key: string, status: string | null, isUnreadable: boolean])[];
}

function shown({ id, cloudProvider: cloud, status, interfaceEndpoints }: Connection): Shown {
  const endpoints = interfaceEndpoints.map(
    ({ key, detail, unreadable }) => [key, detail?.status ?? null, unreadable !== undefined] as const,
  );
  return { id, cloud, status, endpoints };
}

function ofConnection({ id, cloud, status, interfaceEndpoints }: SimulatedConnection, before: Snapshot | null): Shown {
  const endpoints = interfaceEndpoints.map((endpoint) => {
    const key = interfaceEndpointKey(endpoint.id, cloud);
    const was = before?.connections.find((one) => one.id === id)?.interfaceEndpoints.find((one) => one.key === key);
    const status = endpoint.isUnreadable ? (was?.detail?.status ?? null) : endpoint.status;
    return [key, status, endpoint.isUnreadable] as const;
  });
  return { id, cloud, status, endpoints: endpoints.toSorted((a, b) => (a[0] < b[0] ? -1 : 1)) };
}

function ofOther({ id, kind, cloud, status, fields }: OtherEndpoint): Shown {
  const provider = kind === 'streams' || kind === 'data_federation' ? fields['provider'] : undefined;
  return { id, cloud: String(provider ?? cloud).toUpperCase(), status: status ?? 'OTHER', endpoints: [] };
}
