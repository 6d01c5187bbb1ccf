import { expect, test } from 'vitest';
import { isNearLimit, limitWords } from '../../src/domain/limit-words.ts';

const nodes = (usage: number | null) => ({ limit: 'nodes_per_private_link_region', value: 50, usage }) as const;

test.each([
  [44, false, '44 of 50 addressable nodes in a region behind AWS PrivateLink'],
  [45, true, '45 of 50 addressable nodes in a region behind AWS PrivateLink'],
  [60, true, '60 of 50 addressable nodes in a region behind AWS PrivateLink'],
  [null, false, 'at most 50 addressable nodes in a region behind AWS PrivateLink'],
])('%s used is near: %s', (usage, isNear, words) => {
  expect([isNearLimit(nodes(usage)), limitWords(nodes(usage))]).toEqual([isNear, words]);
});
