import { describe, expect, test } from 'vitest';
import type { ChangesQuery, RecordedChange } from '../../../src/domain/change-log.ts';
import { failureGuide } from '../../../src/domain/failure.ts';
import type { FleetView, ProjectStatus } from '../../../src/domain/view.ts';
import * as api from '../../../src/http/api/api.ts';
import { toObject } from '../../../src/http/api/json.ts';
import { aConnection, anId, anInterfaceEndpoint, aSource, epoch, polled } from '../../support/builders.ts';

const first = '5df264b8f10fab7d2cad2f0d';
const second = '6df264b8f10fab7d2cad2f0d';

function aProject(id: string, sources: ProjectStatus['sources']): ProjectStatus {
  return { id, name: `name of ${id}`, orgId: '', labels: {}, facts: { regionalMode: null }, sources };
}

const toConnectionsJson = (...args: Parameters<typeof api.toConnectionsJson>) =>
  toObject(api.toConnectionsJson(...args));
/** The JSON of what a log of these changes answers. */
async function toChangesJson(log: readonly RecordedChange[], { status, words, ...asked }: Asked) {
  const changes = async ({ limit, newestFirst, sinceId = 0, beforeId = Number.POSITIVE_INFINITY }: ChangesQuery) => {
    const between = log.filter(({ id }) => id > sinceId && id < beforeId);
    return (newestFirst ? between.toReversed() : between).slice(0, limit);
  };
  const filter = { ...(status !== undefined && { status }), ...(words !== undefined && { words }) };
  return toObject(await api.toChangesJson(changes, { log: asked, ...filter }, (id) => `name of ${id}`));
}
type Asked = ChangesQuery & { readonly status?: string; readonly words?: string };

function view(...projects: readonly ProjectStatus[]): FleetView {
  return { at: epoch + 90_000, projects, credentials: [] };
}

const aws = aSource({ projectId: first });
const gcp = aSource({ projectId: second, cloudProvider: 'GCP' });

describe('connections', () => {
  test('one with everything known', () => {
    const endpoint = anInterfaceEndpoint('vpce-1', { status: 'REJECTED', errorMessage: 'No' });
    const connection = aConnection('a1', { status: 'FAILED', errorMessage: 'Broken', interfaceEndpoints: [endpoint] });
    const state = polled(aws, [aConnection('a1')], [connection]);
    const json = toConnectionsJson(view(aProject(first, [{ source: aws, state, nextPollAt: null }])), { limit: 10 });
    expect(json).toEqual({
      at: '2026-01-01T00:01:30.000Z',
      connections: [
        {
          atlas_project_id: first,
          project_name: `name of ${first}`,
          kind: 'cluster',
          cloud_provider: 'AWS',
          connection_id: 'a1',
          connection_cloud_provider: 'AWS',
          atlas_region: 'US_EAST_1',
          endpoint_service_name: 'com.amazonaws.vpce.us-east-1.vpce-svc-a1',
          connection_name: null,
          vendor: null,
          remote_regions: null,
          unreadable: null,
          status: 'FAILED',
          status_class: 'failed',
          status_since: '2026-01-01T00:01:00.000Z',
          error_message: 'Broken',
          sunset: null,
          sunset_at: null,
          interface_endpoints: [
            {
              interface_endpoint_id: 'vpce-1',
              connection_name: '',
              unreadable: null,
              status: 'REJECTED',
              status_class: 'failed',
              status_since: '2026-01-01T00:01:00.000Z',
              error_message: 'No',
              members: null,
              failed_members: null,
              delete_requested: false,
            },
          ],
          as_of: '2026-01-01T00:01:00.000Z',
          stale: false,
        },
      ],
      failing_sources: [],
      next: null,
    });
  });

  test('what cannot be read says why, and nothing of what was last known', () => {
    const endpoint = anInterfaceEndpoint('vpce-1', { status: 'REJECTED', errorMessage: 'No' });
    const good = aConnection('a1', { status: 'FAILED', errorMessage: 'Broken', interfaceEndpoints: [endpoint] });
    const state = polled(
      aws,
      [good],
      [{ ...good, status: null, interfaceEndpoints: [{ ...endpoint, unreadable: 'odd' }] }],
    );
    const json = toConnectionsJson(view(aProject(first, [{ source: aws, state, nextPollAt: null }])), { limit: 10 });
    const unknown = { status: null, status_class: 'unknown', status_since: null, error_message: null };
    expect(json).toMatchObject({
      connections: [
        {
          ...unknown,
          unreadable: 'Atlas does not say its status',
          atlas_region: 'US_EAST_1',
          interface_endpoints: [{ ...unknown, unreadable: 'odd' }],
        },
      ],
    });
  });

  test('an interface endpoint known by its id only', () => {
    const state = polled(aws, [aConnection('a1', { interfaceEndpoints: [anId('vpce-1')] })]);
    const json = toConnectionsJson(view(aProject(first, [{ source: aws, state, nextPollAt: null }])), { limit: 10 });
    expect(json).toMatchObject({
      connections: [{ interface_endpoints: [{ interface_endpoint_id: 'vpce-1', status: null, status_since: null }] }],
    });
  });

  test('a failing source is told, and what it last knew stays', () => {
    const state = polled(aws, [aConnection('a1')], 'timeout');
    const json = toConnectionsJson(view(aProject(first, [{ source: aws, state, nextPollAt: epoch + 120_000 }])), {
      limit: 10,
    });
    expect(json).toMatchObject({
      connections: [{ connection_id: 'a1', as_of: '2026-01-01T00:00:00.000Z' }],
      failing_sources: [
        {
          atlas_project_id: first,
          credential: 'main',
          reason: 'timeout',
          detail: 'Made to fail: timeout',
          remedy: failureGuide.timeout.remedy,
          as_of: '2026-01-01T00:00:00.000Z',
          next_poll_at: '2026-01-01T00:02:00.000Z',
        },
      ],
    });
  });

  test('pages of any size hold each connection once, in one order', () => {
    const azure = aSource({ projectId: first, cloudProvider: 'AZURE' });
    const fleet = view(
      aProject(first, [
        { source: azure, state: polled(azure, [aConnection('z'), aConnection('b')]), nextPollAt: null },
        { source: aws, state: polled(aws, [aConnection('c'), aConnection('a')]), nextPollAt: null },
      ]),
      aProject(second, [{ source: gcp, state: polled(gcp, [aConnection('a')]), nextPollAt: null }]),
    );
    for (const limit of [1, 2, 3, 4, 5, 6])
      expect(readAll(fleet, limit), `limit ${limit}`).toEqual(['a', 'c', 'b', 'z', 'a']);
  });

  test('a cursor whose connection is gone goes on behind it', () => {
    const state = polled(aws, [aConnection('a'), aConnection('c')]);
    const fleet = view(aProject(first, [{ source: aws, state, nextPollAt: null }]));
    expect(toConnectionsJson(fleet, { after: `${first}/cluster/AWS/b`, limit: 10 })).toMatchObject({
      connections: [{ connection_id: 'c' }],
    });
  });

  test('of one project', () => {
    const fleet = view(
      aProject(first, [{ source: aws, state: polled(aws, [aConnection('a')]), nextPollAt: null }]),
      aProject(second, [{ source: gcp, state: polled(gcp, 'forbidden'), nextPollAt: null }]),
    );
    expect(toConnectionsJson(fleet, { projectId: first, limit: 10 })).toMatchObject({
      connections: { length: 1 },
      failing_sources: [],
    });
    expect(toConnectionsJson(fleet, { projectId: second, limit: 10 })).toMatchObject({
      connections: [],
      failing_sources: [{ atlas_project_id: second, as_of: null }],
    });
  });
});

function readAll(fleet: FleetView, limit: number): string[] {
  const ids: string[] = [];
  let after: string | null = null;
  for (let page = 0; page < 10; page += 1) {
    const json = toConnectionsJson(fleet, { limit, ...(after !== null && { after }) }) as {
      connections: { connection_id: string }[];
      next: string | null;
    };
    expect(json.connections.length).toBeLessThanOrEqual(limit);
    ids.push(...json.connections.map(({ connection_id }) => connection_id));
    after = json.next;
    if (after === null) break;
  }
  return ids;
}

describe('changes', () => {
  const change = {
    id: 8,
    at: epoch,
    not_before: epoch - 60_000,
    atlas_project_id: first,
    kind: 'cluster',
    cloud_provider: 'AWS',
    connection_id: 'a',
    type: 'status',
    from: 'AVAILABLE',
    to: 'FAILED',
  } as const;

  test('are told in their own words, with a moment that people read', async () => {
    expect(await toChangesJson([change], { limit: 10 })).toEqual({
      changes: [
        {
          ...change,
          at: '2026-01-01T00:00:00.000Z',
          not_before: '2025-12-31T23:59:00.000Z',
          project_name: `name of ${first}`,
        },
      ],
      next: 8,
    });
  });

  test.each([
    ['the log is empty', undefined, null],
    ['nothing happened since', 7, 7],
  ])('%s', async (_, since, next) => {
    expect(await toChangesJson([], { limit: 10, ...(since !== undefined && { sinceId: since }) })).toEqual({
      changes: [],
      next,
    });
  });

  test.each([
    ['there may be older ones', 1, 8],
    ['these were the last', 2, null],
  ])('the newest first: %s', async (_, limit, next) => {
    expect(await toChangesJson([change], { limit, newestFirst: true })).toMatchObject({ next });
  });

  const log: readonly RecordedChange[] = Array.from({ length: 1_200 }, (_, index) => {
    const id = index + 1;
    if (id % 400 === 0) return { ...change, id, to: 'REJECTED', connection_id: 'vpce-0a1b' };
    return id % 400 === 1
      ? { ...change, id, type: 'error_message', change: 'set', from: null, to: 'REJECTED' }
      : { ...change, id };
  });
  test.each<[string, Asked, readonly number[], number | null]>([
    [
      'a status that was entered or left, in letters of any case',
      { limit: 10, status: 'rejected' },
      [400, 800, 1_200],
      1_200,
    ],
    ['words in any order', { limit: 10, words: 'vpce-0a1b rejected' }, [400, 800, 1_200], 1_200],
    ['the name of the project', { limit: 2, words: `name ${first}`, sinceId: 3 }, [4, 5], 5],
    ['a page of them', { limit: 2, status: 'REJECTED' }, [400, 800], 800],
    ['those after a page', { limit: 2, status: 'REJECTED', sinceId: 800 }, [1_200], 1_200],
    ['the newest first', { limit: 2, status: 'REJECTED', newestFirst: true }, [1_200, 800], 800],
    ['the last of them', { limit: 2, status: 'REJECTED', newestFirst: true, beforeId: 800 }, [400], null],
    ['none: the next question goes on behind what was looked through', { limit: 2, status: 'GONE' }, [], 1_200],
  ])('are found by %s', async (_, asked, ids, next) => {
    const found = await toChangesJson(log, asked);
    expect(found).toMatchObject({ changes: ids.map((id) => ({ id })), next });
  });
});

interface Page {
  readonly connections: readonly { readonly connection_id: string }[];
  readonly next: string | null;
}

describe('connections are chosen', () => {
  const rejected = anInterfaceEndpoint('vpce-1', { status: 'REJECTED', errorMessage: null });
  const broken = aConnection('a1', { status: 'FAILED', errorMessage: 'Limit reached' });
  const left = aConnection('a2', { interfaceEndpoints: [rejected] });
  const unread = aConnection('a3', { status: 'FAILED', unreadable: 'without a status' });
  const project = aProject(first, [{ source: aws, state: polled(aws, [broken, left, unread]), nextPollAt: null }]);
  const chosen = (query: object) => (toConnectionsJson(view(project), { limit: 10, ...query }) as Page).connections;

  test.each([
    ['by a status, and not by one that cannot be read now', { status: 'failed' }, ['a1']],
    ['by the status of an interface endpoint', { status: 'REJECTED' }, ['a2']],
    ['by words in any order', { words: 'reached  AWS' }, ['a1']],
    ['by both', { status: 'REJECTED', words: 'reached' }, []],
  ])('%s', (_, query, ids) => {
    expect(chosen(query).map(({ connection_id }) => connection_id)).toEqual(ids);
  });

  test('a page of them goes on behind its last', () => {
    const page = toConnectionsJson(view(project), { limit: 1, words: 'aws' }) as Page;
    const next = toConnectionsJson(view(project), { limit: 1, words: 'limit', after: String(page.next) });
    expect([page.next, next]).toEqual([
      `${first}/cluster/AWS/a1`,
      expect.objectContaining({ connections: [], next: null }),
    ]);
  });
});
