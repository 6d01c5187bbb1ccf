/** One cause in an estate of twenty projects: one alert, whatever the size. */

import type { Source } from '../../../../src/domain/source.ts';
import { aConnection, anInterfaceEndpoint, aSource, type Poll } from '../../../support/builders.ts';
import { exporterAbsent, onConnection, type Told, unreachable } from '../../../support/rule-behaviours.ts';
import { gap, type Phase, projectId, target } from '../../../support/rule-story.ts';
import { fires, ofProject, onTarget } from './exporter.ts';

const words = Array.from({ length: 20 }, (_, index) => `p${index}`);
const named = (index: number, list: string) => `${words[index]}/${list}`;

/** What the polls of twenty projects come to, of one list or several. */
function twenty(
  minutes: number,
  polls: Readonly<Record<string, (index: number) => Poll>>,
  rest: Partial<Phase> = {},
): Phase {
  return several(20, minutes, polls, rest);
}
function several(
  count: number,
  minutes: number,
  polls: Readonly<Record<string, (index: number) => Poll>>,
  rest: Partial<Phase> = {},
): Phase {
  const all = Object.entries(polls).flatMap(([list, poll]) =>
    words.slice(0, count).map((_, index) => [named(index, list), poll(index)] as const),
  );
  return { minutes, polls: Object.fromEntries(all), ...rest };
}
const pollsFail = (severity: string, cause: string, labels: Readonly<Record<string, string>> = {}) =>
  onTarget('PollFailing', severity, { cause, ...labels });
const broken = (cloud: string, severity = 'critical') => onTarget('ManyBroken', severity, { cloud_provider: cloud });
const lists = (poll: (index: number) => Poll) => ({ AWS: () => [], AZURE: poll, GCP: () => [] });
const everywhere = (poll: (index: number) => Poll) => ({ AWS: poll, AZURE: poll, GCP: poll });

/** Enough to be many: that it is one alert for twenty as well shows the first story. */
const eight = (minutes: number, polls: Readonly<Record<string, (index: number) => Poll>>) => several(8, minutes, polls);
/** Ten good minutes, then twenty in which every list fails. */
const everyListFails = (poll: Poll) => [
  eight(
    10,
    everywhere(() => []),
  ),
  eight(
    20,
    everywhere(() => poll),
  ),
];

export const failingLists: readonly Told[] = [
  {
    name: 'one of three list operations answers 500',
    phases: [
      twenty(
        10,
        lists(() => []),
      ),
      twenty(
        20,
        lists(() => 'server_error'),
      ),
      twenty(
        5,
        lists(() => []),
      ),
    ],
    firing: [fires(pollsFail('warning', 'no_answer'), 20, 30)],
  },
  {
    name: 'a web filter answers for Atlas, which is no matter of a credential',
    phases: everyListFails('invalid_response'),
    firing: [unreachable(15)],
  },
  {
    name: 'the version of the API is no longer served',
    phases: everyListFails('not_supported'),
    firing: [fires(pollsFail('critical', 'not_supported'), 15)],
  },
  {
    name: 'most projects are not found',
    phases: [eight(10, { AWS: () => [] }), eight(20, { AWS: (i) => (i < 6 ? 'project_not_found' : []) })],
    firing: [fires(pollsFail('critical', 'project_not_found'), 15)],
  },
  {
    name: 'a fault of the exporter in some projects',
    phases: [eight(10, { AWS: () => [] }), eight(20, { AWS: (i) => (i < 3 ? 'internal' : []) })],
    firing: [fires(pollsFail('warning', 'internal'), 20)],
  },
  {
    name: 'two projects first, and later many: what was told stays, and the rest is one',
    phases: [
      eight(10, { AWS: () => [] }),
      eight(25, { AWS: (i) => (i < 2 ? 'project_not_found' : []) }),
      eight(20, { AWS: (i) => (i < 6 ? 'project_not_found' : []) }),
    ],
    firing: [
      fires(ofProject('p0'), 20),
      fires(ofProject('p1'), 20),
      fires(pollsFail('warning', 'project_not_found'), 45),
    ],
  },
  {
    name: 'many at first, and weeks later another one by itself',
    phases: [
      eight(10, { AWS: () => [] }),
      eight(30, { AWS: (i) => (i < 3 ? 'project_not_found' : []) }),
      eight(20, { AWS: (i) => (i < 4 ? 'project_not_found' : []) }),
    ],
    firing: [fires(pollsFail('warning', 'project_not_found'), 20), fires(ofProject('p3'), 50)],
  },
];

const ownerKind = Object.fromEntries(
  words.map((word) => [
    `${word}/key`,
    aSource({ projectId: projectId(word), kind: 'encryption_at_rest', cloudProvider: 'AWS' }),
  ]),
);
export const ownerKinds: readonly Told[] = [
  {
    name: 'a kind that wants Project Owner, with a key that has it not',
    phases: [eight(40, { AWS: () => [], AZURE: () => [], key: () => 'forbidden' })],
    firing: [fires(pollsFail('warning', 'forbidden', { credential: 'main' }), 10)],
  },
];
export const ownerSources: Readonly<Record<string, Source>> = ownerKind;

/** Each credential reads four projects. */
export const credentialSources: Readonly<Record<string, Source>> = Object.fromEntries(
  words.map((word, index) => [
    `${word}/AWS`,
    aSource({ projectId: projectId(word), credential: `key${Math.floor(index / 4)}` }),
  ]),
);
export const credentials: readonly Told[] = [
  {
    name: 'one of five credentials loses its role',
    phases: [twenty(10, { AWS: () => [] }), twenty(20, { AWS: (i) => (i < 4 ? 'forbidden' : []) })],
    firing: [fires(onTarget('CredentialsRejected', 'critical', { credential: 'key0', reason: 'forbidden' }), 15)],
  },
];

const shardPods = ['a', 'b', 'c', 'd'];
const shardOf = (index: number) => Math.floor(index / 5);
const ofShard = (shard: number, poll: Poll) =>
  Object.fromEntries(words.flatMap((word, index) => (shardOf(index) === shard ? [[`${word}/AWS`, poll]] : [])));
const four = (minutes: number, last: Poll): Phase => ({
  ...{ minutes, polls: {}, pods: shardPods },
  pollsOf: Object.fromEntries(shardPods.map((pod, shard) => [pod, ofShard(shard, shard === 3 ? last : [])])),
  ownOf: Object.fromEntries(shardPods.map((pod, shard) => [pod, { shard_ordinal: shard, total_shards: 4 }])),
});
export const shardsBlind: readonly Told[] = [
  {
    name: 'one of four shards has no way out',
    phases: [four(10, []), four(30, 'network'), four(5, [])],
    firing: [unreachable(15, 40)],
  },
  {
    name: 'and goes away',
    phases: [four(10, []), four(10, 'network'), { ...four(20, 'network'), pods: ['a', 'b', 'c'] }],
    firing: [unreachable(15), fires(onTarget('ShardMissing', 'critical'), 30)],
  },
];

export const smallEstates: readonly Told[] = [
  {
    name: 'one project with three lists, and Atlas is down',
    phases: [
      { minutes: 10, polls: { 'payments/AWS': [], 'payments/AZURE': [], 'payments/GCP': [] } },
      { minutes: 20, polls: { 'payments/AWS': 'network', 'payments/AZURE': 'timeout', 'payments/GCP': 'network' } },
    ],
    firing: [unreachable(15)],
  },
  {
    name: 'one of its three lists is down',
    phases: [
      { minutes: 10, polls: { 'payments/AWS': [], 'payments/AZURE': [], 'payments/GCP': [] } },
      { minutes: 20, polls: { 'payments/AWS': 'network', 'payments/AZURE': [], 'payments/GCP': [] } },
    ],
    firing: [fires(ofProject('payments'), 20)],
  },
];

const well = (cloud: 'AWS' | 'AZURE') => () => [
  aConnection('c1', { cloudProvider: cloud, interfaceEndpoints: [anInterfaceEndpoint('vpce-1')] }),
];
const down = () => [
  aConnection('c1', {
    status: 'FAILED',
    errorMessage: 'The cloud refuses.',
    interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: 'FAILED' })],
  }),
];
const on = (word: string, alert: string, severity: string) => ({
  ...onConnection(alert, severity),
  atlas_project_id: projectId(word),
});
const endpoint = { interfaceEndpoints: [anInterfaceEndpoint('vpce-1')] };
const status = (word: string) => () => [aConnection('c1', { status: word, ...endpoint })];
/** Enough to be many, as above. */
const aws = (minutes: number, poll: (index: number) => Poll) => several(6, minutes, { AWS: poll, AZURE: () => [] });

export const clouds: readonly Told[] = [
  {
    shows: { ManyBroken: ['fires', 'clears'] },
    name: 'one cloud is broken',
    phases: [aws(10, well('AWS')), aws(20, down), aws(20, well('AWS'))],
    firing: [fires(broken('AWS'), 12, 40)],
  },
  {
    shows: { ManyBroken: ['pod replaced'] },
    name: 'one cloud is broken while the exporter restarts',
    phases: [aws(10, well('AWS')), aws(5, down), gap(2), { ...aws(20, down), pods: ['b'] }],
    firing: [fires(broken('AWS'), 12)],
  },
  {
    shows: { ManyBroken: ['ignores a blip'] },
    name: 'one cloud is broken for a moment',
    phases: [aws(10, well('AWS')), aws(2, down), aws(20, well('AWS'))],
    firing: [],
  },
  {
    shows: { ManyBroken: ['only waiting'] },
    name: 'one cloud is broken, and the exporter goes while that only waits',
    phases: [aws(10, well('AWS')), aws(1, down), gap(40)],
    firing: [exporterAbsent(16)],
  },
  {
    name: 'some fail and some are no longer ready: it is one cause',
    phases: [aws(10, well('AWS')), aws(20, (i) => (i % 2 === 0 ? status('FAILED')() : status('INITIATING')()))],
    firing: [fires(broken('AWS'), 12)],
  },
  {
    name: 'four are told each, and a fifth much later, too',
    phases: [
      aws(10, well('AWS')),
      aws(30, (i) => (i < 4 ? status('FAILED')() : well('AWS')())),
      aws(10, (i) => (i < 5 ? status('FAILED')() : well('AWS')())),
    ],
    firing: [
      ...['p0', 'p1', 'p2', 'p3'].map((word) => fires(on(word, 'Failed', 'critical'), 12)),
      fires(on('p4', 'Failed', 'critical'), 42),
    ],
  },
  {
    name: 'two are told, then many follow: what was told stays, and the rest is one',
    phases: [
      aws(10, well('AWS')),
      aws(4, (i) => (i < 2 ? status('FAILED')() : well('AWS')())),
      aws(16, status('FAILED')),
    ],
    firing: [...['p0', 'p1'].map((word) => fires(on(word, 'Failed', 'critical'), 12)), fires(broken('AWS'), 16)],
  },
  {
    name: 'the incident goes on with one, and another one fails by itself',
    phases: [
      aws(10, well('AWS')),
      aws(20, status('FAILED')),
      aws(30, (i) => (i === 0 ? status('FAILED')() : well('AWS')())),
      aws(10, (i) => (i < 2 ? status('FAILED')() : well('AWS')())),
    ],
    firing: [fires(broken('AWS'), 12), fires(on('p1', 'Failed', 'critical'), 62)],
  },
  {
    name: 'a word that nobody knows for a healthy status',
    phases: [aws(10, well('AWS')), aws(20, status('HIBERNATING'))],
    firing: [
      {
        labels: { ...onTarget('UnknownStatus', 'warning'), ...target, kind: 'cluster', cloud_provider: 'AWS' },
        from: 15,
      },
    ],
  },
  {
    name: 'many errors at once',
    phases: [
      aws(10, well('AWS')),
      aws(20, () => [aConnection('c1', { errorMessage: 'The cloud refuses.', ...endpoint })]),
    ],
    firing: [fires(broken('AWS', 'warning'), 15)],
  },
  {
    name: 'many messages become others',
    phases: [
      aws(10, () => [aConnection('c1', { errorMessage: 'The cloud refuses.', ...endpoint })]),
      aws(20, () => [aConnection('c1', { errorMessage: 'Nothing answers.', ...endpoint })]),
    ],
    firing: [
      fires(broken('AWS', 'warning'), 5),
      fires(onTarget('ErrorMessageChanged', 'warning', { kind: 'cluster', cloud_provider: 'AWS' }), 11),
    ],
  },
  {
    name: 'many are gone',
    phases: [aws(10, well('AWS')), aws(20, () => [])],
    firing: [fires(onTarget('Removed', 'critical', { kind: 'cluster', cloud_provider: 'AWS' }), 11)],
  },
];
