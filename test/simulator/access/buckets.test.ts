import { expect, test } from 'vitest';
import { createBuckets } from '../../../src/simulator/access/buckets.ts';

test('a bucket is empty after its capacity, and full again with the next step', () => {
  let now = 10_000;
  const buckets = createBuckets(() => now);
  buckets.setCapacity('groups', 2);
  expect(buckets.take('groups', 'a')).toEqual({ capacity: 2, remaining: 1 });
  expect(buckets.take('groups', 'a')).toEqual({ capacity: 2, remaining: 0 });
  expect(buckets.take('groups', 'a')).toEqual({ capacity: 2, retrySeconds: 50 });
  now = 60_000;
  expect(buckets.take('groups', 'a')).toEqual({ capacity: 2, remaining: 1 });
});

test('scopes and sets have buckets of their own', () => {
  const buckets = createBuckets(() => 0);
  buckets.setCapacity('privateEndpoint', 1, 'a');
  buckets.take('privateEndpoint', 'a');
  expect(buckets.take('privateEndpoint', 'a')).toHaveProperty('retrySeconds');
  expect(buckets.take('privateEndpoint', 'b')).toEqual({ capacity: 4000, remaining: 3999 });
  expect(buckets.take('orgs', 'a')).toEqual({ capacity: 500, remaining: 499 });
});
