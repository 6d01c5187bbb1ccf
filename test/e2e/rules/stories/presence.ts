/** Alerts on whether the exporter is there, all of it. */
import { aConnection } from '../../../support/builders.ts';
import { exporterAbsent, onConnection, type Told, unreachable } from '../../../support/rule-behaviours.ts';
import { gap, type Own, type Phase } from '../../../support/rule-story.ts';
import { fires, one, onTarget } from './exporter.ts';

const failed = [aConnection('c1', { status: 'FAILED' })];
const shardMissing = onTarget('ShardMissing', 'critical');

export const absent: readonly Told[] = [
  {
    shows: {
      ExporterAbsent: ['fires', 'series missing'],
      PollFailing: ['series missing'],
      ApiUnreachable: ['series missing'],
      CredentialsRejected: ['series missing'],
      IpAccessList: ['series missing'],
      RateLimited: ['series missing'],
      DataStale: ['series missing'],
      ShardMissing: ['series missing'],
      ProjectRemoved: ['series missing'],
    },
    name: 'gone',
    phases: [one(10, []), gap(20)],
    firing: [exporterAbsent(15)],
  },
  {
    shows: { ExporterAbsent: ['ignores a blip'] },
    name: 'a blip',
    phases: [one(10, []), gap(5), one(10, [], { pods: ['b'] })],
    firing: [],
  },
  {
    name: 'there, and does not answer',
    phases: [one(10, failed), { ...gap(70), down: ['a'] }],
    firing: [fires(onConnection('Failed', 'critical'), 2), exporterAbsent(15)],
  },
  {
    name: 'one of two does not answer',
    phases: [one(10, failed, { pods: ['a', 'b'] }), { minutes: 70, polls: { 'other/AWS': [] }, down: ['b'] }],
    firing: [fires(onConnection('Failed', 'critical'), 2), exporterAbsent(15)],
  },
  {
    shows: { ExporterAbsent: ['clears', 'pod replaced'] },
    name: 'back',
    phases: [one(10, []), gap(20), one(10, [], { pods: ['b'] })],
    firing: [exporterAbsent(15, 30)],
  },
];

const shard = (ordinal: number): Own => ({ shard_ordinal: ordinal, total_shards: 2 });
const both: Phase = { ...one(10, failed), pods: ['a', 'b'], ownOf: { a: shard(0), b: shard(1) } };
export const shards: readonly Told[] = [
  {
    shows: { ShardMissing: ['fires', 'clears'] },
    name: 'missing',
    phases: [both, { minutes: 60, polls: { 'other/AWS': [] }, own: shard(0) }, both],
    firing: [fires(onConnection('Failed', 'critical'), 2), fires(shardMissing, 20, 70)],
  },
  {
    name: 'there, and does not answer',
    phases: [both, { minutes: 20, polls: { 'other/AWS': [] }, own: shard(0), down: ['b'] }],
    firing: [fires(onConnection('Failed', 'critical'), 2), fires(shardMissing, 20)],
  },
  {
    shows: { ShardMissing: ['ignores a blip', 'pod replaced'] },
    name: 'replaced',
    phases: [
      both,
      { minutes: 3, polls: { 'other/AWS': [] }, own: shard(0) },
      { ...both, pods: ['a', 'c'], ownOf: { a: shard(0), c: shard(1) } },
    ],
    firing: [fires(onConnection('Failed', 'critical'), 2)],
  },
  {
    shows: { ShardMissing: ['only waiting'] },
    name: 'missing for a while, and then the other one goes, too',
    phases: [both, { minutes: 9, polls: { 'other/AWS': [] }, own: shard(0) }, gap(40)],
    firing: [fires(onConnection('Failed', 'critical'), 2), exporterAbsent(24)],
  },
  {
    name: 'two pods of one shard',
    phases: [{ ...one(30, []), pods: ['a', 'b'], own: { shard_ordinal: 0, total_shards: 1 } }],
    firing: [],
  },
  {
    shows: { ShardMissing: ['source blind'] },
    name: 'missing, while the other one is blind',
    phases: [both, { minutes: 30, polls: { 'other/AWS': 'timeout' }, own: shard(0) }],
    firing: [fires(onConnection('Failed', 'critical'), 2), fires(shardMissing, 20), unreachable(15)],
  },
];
