import { expect, test } from 'vitest';
import { pollTable } from '../../src/cli/poll-table.ts';
import { toView } from '../../src/domain/view.ts';
import {
  aCluster,
  aClusterList,
  aConnection,
  aLinkList,
  anInterfaceEndpoint,
  aProject,
  aSource,
  aString,
  polled,
} from '../support/builders.ts';

const source = aSource();
const table = (name: string, errorMessage: string | null) => {
  const project = { ...aProject({ id: source.projectId }), name, orgId: '', facts: { regionalMode: null } };
  const statuses = [{ source, state: polled(source, [aConnection('c1', { errorMessage })]), nextPollAt: null }];
  return pollTable(toView(0, [project], statuses), (text) => text);
};

test('wide characters keep the columns', () => {
  const [header = '', row = ''] = table('支払い', null).split('\n');
  // Three wide characters are six columns, and the header has seven.
  expect(row.indexOf('AWS') + 3).toBe(header.indexOf('CLOUD'));
});

test('no name and no message steers the terminal or forges a line', () => {
  const text = table('pay\u001b[2J\nNot polled\u202e', 'It broke\u009b31m\r\n0 in trouble');
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(text.split('\n').filter((line) => /^(?:Not polled|0 in trouble)/.test(line))).toEqual([]);
});

test('clusters have a table of their own below the connections: which have a string, which lack one, and why', () => {
  const link = aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1')] });
  const clusters = [
    aCluster('orders', { strings: [aString(['vpce-1'])] }),
    aCluster('pay\u202ements'),
    aCluster('archive', { paused: true }),
  ];
  const project = { ...aProject({ id: source.projectId }), name: 'shop', orgId: '', facts: { regionalMode: null } };
  const statuses = [aLinkList([link]), aClusterList(clusters)].map((one) => ({ ...one, nextPollAt: null }));
  const text = pollTable(toView(0, [project], statuses), (word, meaning) =>
    meaning === 'failed' ? `!${word}!` : word,
  );
  expect(text).not.toContain('KIND');
  expect(text.slice(text.indexOf('PROJECT  CLUSTER')).trimEnd().split('\n')).toEqual([
    'PROJECT  CLUSTER   STATE  STRINGS  WHY',
    'shop     archive   IDLE   0        Paused: it answers nobody',
    'shop     orders    IDLE   1        It has a private connection string',
    'shop     payments  IDLE   0        !Every region has a ready interface endpoint, and Atlas gives no private connection string!',
    '',
    '1 project, 1 connection, 1 interface endpoint, 0 in trouble, 3 clusters (1 in trouble)',
  ]);
});

test('a wide table has endpoint services and limits besides', () => {
  const limits = [{ limit: 'nodes_per_private_link_region', value: 50, usage: 47 } as const];
  const project = { ...aProject({ id: source.projectId }), name: 'shop', orgId: '', facts: { limits } };
  const connection = aConnection('c1', {
    endpointServiceName: 'com.amazonaws.vpce.us-east-1.vpce-svc-0a',
    interfaceEndpoints: [anInterfaceEndpoint('vpce-1')],
  });
  const view = toView(0, [project], [{ source, state: polled(source, [connection]), nextPollAt: null }]);
  expect(pollTable(view, (text) => text, true).split('\n')).toEqual([
    expect.stringMatching(/^PROJECT +PROJECT ID +CLOUD +REGION +CONNECTION +SERVICE +STATUS$/),
    expect.stringMatching(
      /^shop +5df264b8f10fab7d2cad2f0d +AWS .* c1 +com\.amazonaws\.vpce\.us-east-1\.vpce-svc-0a +AVAILABLE$/,
    ),
    expect.stringMatching(/^ +└ vpce-1 +AVAILABLE$/),
    '',
    'LIMITS',
    'shop: 47 of 50 addressable nodes in a region behind AWS PrivateLink, nearly used up',
    '',
    '1 project, 1 connection, 1 interface endpoint, 0 in trouble',
    '',
  ]);
  expect(pollTable(view, (text) => text)).not.toMatch(/SERVICE|LIMITS/);
});
