/** Alerts on a link that say which clusters hang on it. What they say is in the last minute. */
import { aCluster, aConnection, anInterfaceEndpoint, aString } from '../../../support/builders.ts';
import type { Phase } from '../../../support/rule-story.ts';

const links = (status: string, ofEndpoint = 'AVAILABLE') => [
  aConnection('c1', { status, interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: ofEndpoint })] }),
];
const behind = (...names: readonly string[]) => ({
  clusters: names.map((name) => aCluster(name, { strings: [aString(['vpce-1'])] })),
});
const cutOff = { clusters: [aCluster('orders')] };

function during(polls: Phase['polls'], rest: Omit<Phase, 'minutes' | 'polls'> = {}): Phase {
  return { minutes: 15, polls, ...rest };
}
const failed = (clusters: Phase['polls'][string]) =>
  during({ 'payments/AWS': links('FAILED'), 'payments/clusters': clusters });
const rejected = (clusters: Phase['polls'][string]) =>
  during({ 'payments/AWS': links('AVAILABLE', 'REJECTED'), 'payments/clusters': clusters });
const well = (clusters: Phase['polls'][string]) =>
  during({ 'payments/AWS': links('AVAILABLE'), 'payments/clusters': clusters });

export const failedWithClusters: readonly (readonly Phase[])[] = [
  [failed(behind('orders'))],
  [rejected(behind('payments', 'orders'))],
  [failed(behind('payments', 'orders', 'stock'))],
  [rejected(behind('e', 'payments', 'orders-"quoted"', 'stock', 'users'))],
  // No string goes through it.
  [failed(cutOff)],
  // The string went with the link: it is the one that hung on it.
  [well(behind('orders')), failed(cutOff)],
  // The list of clusters cannot be read.
  [failed(behind('orders')), failed('timeout')],
  // One of two pods can read it.
  [
    {
      ...failed(behind('orders')),
      pods: ['a', 'b'],
      pollsOf: { b: { 'payments/AWS': links('FAILED'), 'payments/clusters': 'timeout' } },
    },
  ],
];

/** Its tombstone says what was attached to it. */
export const removedWithClusters: readonly (readonly Phase[])[] = [
  [well(behind('orders')), during({ 'payments/AWS': [], 'payments/clusters': behind('orders') })],
];
