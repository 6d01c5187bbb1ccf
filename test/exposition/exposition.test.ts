import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expire, recordPoll } from '../../src/domain/poll.ts';
import { createExposition, type Exposed } from '../../src/exposition/exposition.ts';
import type { Format } from '../../src/metrics/family.ts';
import { aConnection, anId, anInterfaceEndpoint, aSnapshot, aSource, at, polled } from '../support/builders.ts';
import { parse, select, valueIn } from '../support/exposition-parser.ts';

const nothing = { revision: 0, sources: [], projects: [], removedProjects: [], own: async () => [] };
const clock = { wall: () => at(0).wall, monotonic: () => 0 };
const exposition = (withText = true) =>
  createExposition({ errorMessageText: () => withText, clock, yieldTurn: async () => {} });

async function render(exposed: Partial<Exposed>, format: Format = 'text', withText = true): Promise<string> {
  return Buffer.concat(await exposition(withText).render({ ...nothing, ...exposed }, format)).toString();
}
const shown = async (exposed: Partial<Exposed>, format: Format = 'text') =>
  parse(await render(exposed, format), format);

const source = aSource();
const azure = aSource({ cloudProvider: 'AZURE' });
const pe = 'mongodb_atlas_private_endpoint_';
const full = polled(
  source,
  [aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1')] }), aConnection('c2')],
  [
    aConnection('c1', {
      status: 'FAILED',
      errorMessage: 'Interface endpoint "vpce-1" was not found.\nBack\\slash',
      interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: 'REJECTED', errorMessage: 'no' })],
    }),
  ],
);

test.each(['text', 'openmetrics'] as const)('golden exposition as %s', async (format) => {
  const projects = [
    { id: source.projectId, name: 'payments-prod', orgId: 'o1', labels: { team: 'a' }, facts: { regionalMode: true } },
  ];
  const removedProjects = [{ id: 'gone', removedAt: at(5000).wall }];
  const text = await render({ sources: [{ source, state: full }], projects, removedProjects }, format);
  await expect(text).toMatchFileSnapshot(
    new URL(`../fixtures/exposition/golden.${format}.txt`, import.meta.url).pathname,
  );
  expect(parse(text, format).length).toBeGreaterThan(15);
});

test('an empty source costs 12 series', async () => {
  const families = await shown({ sources: [{ source, state: polled(source, []) }] });
  expect(families.flatMap(({ samples }) => samples)).toHaveLength(12);
});

describe('what is gone', () => {
  const families = shown({ sources: [{ source, state: full }] });
  const labels = { connection_id: 'c2' };

  test('loses its state and keeps its counters beside its tombstone', async () => {
    const all = await families;
    expect(select(all, `${pe}connection_status`, labels)).toEqual([]);
    expect(select(all, `${pe}connection_info`, labels)).toEqual([]);
    expect(valueIn(all, `${pe}connection_removed_timestamp_seconds`, labels)).toBe(at(60_000).wall / 1000);
    expect(select(all, `${pe}connection_error_message_changes_total`, labels)).toHaveLength(4);
    expect(select(all, `${pe}connection_status_changes_total`, labels)).toHaveLength(6);
    expect(valueIn(all, `${pe}connections_removed_total`)).toBe(1);
  });
});

test('a stale source loses its state only', async () => {
  const stale = expire(full, at(1e9), { staleAfterMs: 1, tombstoneForMs: 1e12 });
  const fresh = await shown({ sources: [{ source, state: full }] });
  const all = await shown({ sources: [{ source, state: stale }] });
  const lost = fresh.map(({ name }) => name).filter((name) => !all.some((family) => family.name === name));
  expect(lost.toSorted()).toEqual(
    [
      'connection_error',
      'connection_error_info',
      'connection_info',
      'connection_interface_endpoints',
      'connection_ready',
      'connection_status',
      'connection_status_since_timestamp_seconds',
      'connections',
      'interface_endpoint_delete_requested',
      'interface_endpoint_error',
      'interface_endpoint_error_info',
      'interface_endpoint_info',
      'interface_endpoint_ready',
      'interface_endpoint_status',
      'interface_endpoint_status_since_timestamp_seconds',
    ].map((name) => pe + name),
  );
});

test('an interface endpoint known by its id only tells nothing of status or error', async () => {
  const state = polled(source, [aConnection('c1', { interfaceEndpoints: [anId('vpce-1')] })]);
  const names = (await shown({ sources: [{ source, state }] }))
    .map(({ name }) => name)
    .filter((name) => name.includes('interface_endpoint_'));
  expect(names).toEqual([`${pe}interface_endpoint_info`]);
});

test('v1.0 WAITING_FOR_USER is ready with an interface endpoint, and not without', async () => {
  const v1 = aSource({ api: 'v1.0' });
  const state = polled(v1, [
    aConnection('c1', { status: 'WAITING_FOR_USER', interfaceEndpoints: [anId('vpce-1')] }),
    aConnection('c2', { status: 'WAITING_FOR_USER' }),
  ]);
  const all = await shown({ sources: [{ source: v1, state }] });
  expect(select(all, `${pe}connection_ready`).map(({ labels, value }) => [labels['connection_id'], value])).toEqual([
    ['c1', 1],
    ['c2', 0],
  ]);
});

test('a status that nobody knows is OTHER, and an Azure label keeps its first spelling', async () => {
  const [first, second] = ['/Subscriptions/A/pe', '/subscriptions/a/pe'];
  const connection = (id: string) => [
    aConnection('c1', {
      status: 'MELTING',
      cloudProvider: 'AZURE',
      interfaceEndpoints: [anInterfaceEndpoint(id, { status: 'FAILED' }, 'AZURE')],
    }),
  ];
  const before = polled(azure, connection(first), connection(second));
  const state = recordPoll(azure, before, { ok: true, reading: aSnapshot([]) }, at(200_000)).state;
  const all = await shown({ sources: [{ source: azure, state: before }] });
  expect(valueIn(all, `${pe}connection_status`, { status: 'OTHER' })).toBe(1);
  expect(select(all, `${pe}interface_endpoint_info`).map(({ labels }) => labels['interface_endpoint_id'])).toEqual([
    first,
  ]);
  const gone = await shown({ sources: [{ source: azure, state }] });
  expect(select(gone, `${pe}interface_endpoint_removed_timestamp_seconds`)[0]?.labels['interface_endpoint_id']).toBe(
    first,
  );
});

test('error_info has class, digest and text, and the text only when told so', async () => {
  const views = { sources: [{ source, state: full }] };
  const [info] = select(await shown(views), `${pe}connection_error_info`);
  expect(info?.labels).toMatchObject({
    error_class: 'endpoint_not_found',
    error_digest: expect.stringMatching(/^[0-9a-f]{8}$/),
    error_message: 'Interface endpoint "vpce-1" was not found. Back\\slash',
  });
  expect(await render(views, 'text', false)).toContain('error_message=""');
});

test('whatever the texts, a strict parser accepts both formats, and no series is there twice', async () => {
  const text = fc.string({
    unit: fc.constantFrom(...'a1,"\\\n\r\t\0{}=', '\u2028', '\ud800', '\udfff', 'é', '😀', '\ufffd'),
    maxLength: 12,
  });
  const connection = fc.record({
    id: text,
    status: text,
    error: fc.option(text),
    region: text,
    service: text,
    endpoints: fc.uniqueArray(text, { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(connection, { selector: ({ id }) => id, maxLength: 4 }),
      text,
      async (connections, name) => {
        const seen = connections.map(({ id, status, error, region, service, endpoints }) =>
          aConnection(id, {
            status,
            errorMessage: error,
            region,
            endpointServiceName: service,
            interfaceEndpoints: endpoints.map((endpoint) =>
              anInterfaceEndpoint(endpoint, { status, errorMessage: error }),
            ),
          }),
        );
        const sources = [
          { source, state: polled(source, seen, []) },
          { source: azure, state: polled(azure, seen) },
        ];
        const projects = [
          { id: source.projectId, name, orgId: name, labels: { team: name }, facts: { regionalMode: null } },
        ];
        for (const format of ['text', 'openmetrics'] as const) {
          const families = await shown({ sources, projects }, format);
          expect(select(families, `${pe}connection_info`)).toHaveLength(seen.length);
        }
      },
    ),
    { numRuns: 100 },
  );
});
