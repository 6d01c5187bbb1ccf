import { expect, test } from 'vitest';
import { type Call, createFaults, type Effect } from '../../src/simulator/faults.ts';

const call = (operation: string): Call => ({ operation, method: 'GET', target: '/', projectId: null, user: null });
const one: Effect = () => {};
const two: Effect = () => {};

test('the fault that was added last meets a request, until its times are used up', () => {
  const faults = createFaults();
  const first = faults.add(one);
  const second = faults.add(two, ({ operation }) => operation === 'v2.list', 1);
  expect(['v2.groups', 'v2.list', 'v2.list'].map((name) => faults.meet(call(name)))).toEqual([one, two, one]);
  expect([first.met, second.met]).toEqual([2, 1]);
});

test('a fault that was ended meets no request', () => {
  const faults = createFaults();
  const first = faults.add(one);
  faults.add(two);
  first.end();
  expect(faults.meet(call('v2.list'))).toBe(two);
  faults.clear();
  expect(faults.meet(call('v2.list'))).toBeNull();
});
