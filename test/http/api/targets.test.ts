import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Cluster } from '../../../src/domain/cluster.ts';
import { targetsText } from '../../../src/http/api/targets.ts';
import { aCluster, aString } from '../../support/builders.ts';
import { fakeAnswers, fakeRoutes } from '../fakes.ts';
import { projectId, viewOfProject } from './view.ts';

const viewOf = (clusters: readonly Cluster[], name = 'payments') => viewOfProject([clusters], { name });
const shown = (...view: Parameters<typeof viewOf>) => JSON.parse([...targetsText(viewOf(...view))].join(''));

test('one entry for each host and port, with the labels that join to /metrics', () => {
  const strings = [aString(['vpce-1'], ['a.example:1024', 'a.example:1025'])];
  const labels = {
    atlas_project_id: projectId,
    cluster_name: 'orders',
    cloud_provider: 'AWS',
    atlas_region: 'US_EAST_1',
    interface_endpoint_id: 'vpce-1',
    __meta_mongodb_atlas_project_name: 'payments',
    __meta_mongodb_atlas_connection_string_type: 'MONGOD',
  };
  expect(shown([aCluster('orders', { strings })])).toEqual([
    { targets: ['a.example:1024'], labels },
    { targets: ['a.example:1025'], labels },
  ]);
});

test('a string over several endpoints accuses none', () => {
  const strings = [aString(['vpce-1', 'vpce-2'])];
  const [{ labels }] = shown([aCluster('orders', { strings })]);
  expect(Object.keys(labels).filter((name) => !name.startsWith('__'))).toEqual(['atlas_project_id', 'cluster_name']);
});

/** What Prometheus takes: it refuses the whole list for one value that is no text, and null as well as no list. */
test('over every estate the list is one that Prometheus takes', () => {
  const word = fc.string({ unit: 'grapheme', maxLength: 12 });
  const string = fc
    .record({ ids: fc.array(word, { maxLength: 3 }), targets: fc.array(word, { maxLength: 4 }) })
    .map(({ ids, targets }) => aString([...new Set(ids)], targets));
  const clusters = fc.uniqueArray(
    fc
      .record({ name: word, strings: fc.array(string, { maxLength: 3 }) })
      .map(({ name, strings }) => aCluster(name, { strings })),
    { selector: ({ name }) => name, maxLength: 6 },
  );
  fc.assert(
    fc.property(clusters, word, (some, name) => {
      const list: unknown = shown(some, name);
      if (!Array.isArray(list)) throw new Error('No list');
      for (const entry of list) {
        expect(Object.keys(entry)).toEqual(['targets', 'labels']);
        expect(entry.targets).toEqual([expect.any(String)]);
        for (const value of Object.values(entry.labels)) expect(value).toEqual(expect.any(String));
      }
      expect(new Set(list.map((entry) => JSON.stringify(entry))).size).toBe(list.length);
    }),
  );
});

test('the content type has no parameter, and an estate without targets is an empty list', async () => {
  const app = fakeRoutes({ answers: fakeAnswers() });
  const answer = await app.request('/api/v1/targets');
  expect([answer.status, answer.headers.get('Content-Type'), await answer.text()]).toEqual([
    200,
    'application/json',
    '[]',
  ]);
});

test('before every list of clusters was read there is no list: Prometheus keeps the one it has', async () => {
  const app = fakeRoutes({ answers: fakeAnswers({ targets: () => null }) });
  const answer = await app.request('/api/v1/targets');
  expect([answer.status, answer.headers.get('Retry-After'), await answer.text()]).toEqual([
    503,
    '5',
    'Some lists of clusters were not read yet\n',
  ]);
});
