import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/domain/cluster.ts';
import { unreadableCluster } from '../../../src/domain/cluster.ts';
import type { Connection } from '../../../src/domain/snapshot.ts';
import {
  aCluster,
  aClusterList,
  aConnection,
  aFailure,
  aLinkList,
  anInterfaceEndpoint,
  aString,
  epoch,
} from '../../support/builders.ts';
import { aChange, aProject, aView, pageAt, projectId, textOf } from '../view.ts';

const ready = aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1')] });
const orders = aCluster('orders', { strings: [aString(['vpce-1'])] });

function viewOf(clusters: readonly Cluster[], connections: readonly Connection[] = [ready]) {
  const sources = [aLinkList(connections), aClusterList(clusters)].map((one) => ({ ...one, nextPollAt: null }));
  return aView([aProject({ sources })]);
}

const paths = ['/', `/projects/${projectId}`] as const;

describe('clusters on the page', () => {
  test.each(paths)(
    '%s: AVAILABLE, but no string: the page is not green, and says which cluster and why',
    async (path) => {
      const text = textOf(await pageAt(path, viewOf([orders, aCluster('payments')])));
      expect(text).toContain('1 cluster needs a look');
      expect(text).toContain('1 of 2 clusters in trouble, 1 without a private connection string');
      expect(text).toContain('payments no string Every region has a ready interface endpoint, and Atlas gives no');
      expect(text).toContain('orders string there It has a private connection string AWS US_EAST_1 ready');
      expect(text).not.toContain('All well');
    },
  );

  test('names the region that lacks an endpoint', async () => {
    const west = { cloudProvider: 'AWS', region: 'US_WEST_2' };
    const cluster = aCluster('orders', { regions: [...orders.regions, west] });
    const text = textOf(await pageAt('/', viewOf([cluster])));
    expect(text).toContain('No ready interface endpoint in AWS US_WEST_2, so Atlas gives no private connection string');
    expect(text).toContain('AWS US_EAST_1 ready, AWS US_WEST_2 without endpoint');
  });

  test('a paused cluster is no trouble', async () => {
    const text = textOf(await pageAt('/', viewOf([aCluster('orders', { paused: true })])));
    expect(text).toContain('All well');
    expect(text).toContain('paused Paused: it answers nobody');
  });

  test('one that cannot be read says why, and nothing of it is green', async () => {
    const text = textOf(await pageAt('/', viewOf([unreadableCluster('orders', 'Not what Atlas documents')])));
    expect(text).toContain('1 cluster needs a look');
    expect(text).toContain('not readable What Atlas says of it cannot be read: Not what Atlas documents');
  });

  test('every link names the clusters that hang on it', async () => {
    const failed = { ...ready, status: 'FAILED' };
    for (const connections of [[ready], [failed]])
      expect(textOf(await pageAt('/', viewOf([orders], connections)))).toContain('Clusters that hang on it: orders');
    expect(textOf(await pageAt('/', viewOf([aCluster('orders')])))).toContain(
      'No private connection string goes through it',
    );
  });

  test('they are not known while their list cannot be read, and not spoken of where nobody watches them', async () => {
    const list = aClusterList([orders]);
    const freshness = { ...list.state.freshness, up: false, failure: aFailure('forbidden') };
    const failing = { ...list, state: { ...list.state, freshness } };
    const sources = [aLinkList([ready]), failing].map((one) => ({ ...one, nextPollAt: null }));
    const text = textOf(await pageAt('/', aView([aProject({ sources })])));
    expect(text).toContain('Clusters not known: their list cannot be read');
    expect(text).toContain('string there as it was');
    expect(textOf(await pageAt('/', aView([aProject({}, [ready])])))).not.toMatch(/Clusters|hang on it/);
  });

  test('a list of clusters holds clusters, and one that was never read holds nothing yet', async () => {
    const text = textOf(await pageAt(`/projects/${projectId}`, viewOf([orders])));
    expect(text).toContain('connection_strings 1 cluster');
    expect(text).toContain('cluster AWS 1 connection');
    const list = aClusterList([orders]);
    const unread = { ...list, state: { ...list.state, ledger: null }, nextPollAt: null };
    const view = aView([aProject({ sources: [unread] })]);
    expect(textOf(await pageAt(`/projects/${projectId}`, view))).toContain('connection_strings not read yet');
  });

  test('what is behind a page says so', async () => {
    const many = Array.from({ length: 60 }, (_, index) => aCluster(`c-${index}`, { strings: [aString(['vpce-1'])] }));
    const text = textOf(await pageAt('/', viewOf([...many, aCluster('lost')])));
    expect(text).toContain('61 clusters');
    expect(text).toContain('and 11 more, none of them worse');
    expect(text).toContain('lost no string');
    expect(text).toContain(
      'Clusters that hang on it: c-0, c-1, c-10, c-11, c-12, c-13, c-14, c-15, c-16, c-17 and 50 more',
    );
  });

  test('the page says where it is seen whether they answer, and only where clusters are watched', async () => {
    const link = 'href="./help/AtlasPrivateEndpointUnreachable"';
    expect(await pageAt('/', viewOf([aCluster('orders', { strings: [aString(['vpce-1'])] })]))).toContain(link);
    expect(await pageAt('/', viewOf([]))).not.toContain(link);
  });

  test('no name of a cluster looks like another, or is markup', async () => {
    const name = '<b>or\u202eders';
    const html = await pageAt('/', viewOf([aCluster(name, { strings: [aString(['vpce-1'])] })]), [
      { ...aChange({ kind: 'connection_strings', cluster_name: name, type: 'added', at: epoch }) },
    ]);
    expect(html).not.toContain('<b>or');
    expect(html).not.toContain('\u202e');
    expect(textOf(html).split('<b>or\u27e8U+202E\u27e9ders').length).toBeGreaterThan(3);
  });
});
