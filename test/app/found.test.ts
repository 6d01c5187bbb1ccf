import { expect, test, vi } from 'vitest';
import { tellWhenTried, toFound } from '../../src/app/found.ts';
import { unpolled } from '../../src/domain/poll.ts';
import { aConnection, anInterfaceEndpoint, aSource, polled } from '../support/builders.ts';

test('counts connections, those in trouble, and lists that fail', () => {
  const source = aSource();
  const rejected = anInterfaceEndpoint('vpce-1', { status: 'REJECTED' });
  const connections = [
    aConnection('a'),
    aConnection('b', { status: 'FAILED' }),
    aConnection('c', { errorMessage: 'No' }),
    aConnection('d', { interfaceEndpoints: [rejected] }),
  ];
  const sources = [
    { source, state: polled(source, connections) },
    { source, state: polled(source, [aConnection('e')], 'timeout') },
    { source, state: unpolled },
  ];
  expect(toFound(2, sources)).toEqual({ projects: 2, connections: 5, in_trouble: 3, failing_lists: 1 });
});

test('tells once, when everything was tried, and not at all when nothing was to be tried', () => {
  vi.useFakeTimers();
  let tried = false;
  let told = 0;
  const tell = () => void told++;
  using waiting = tellWhenTried(() => tried, tell);
  vi.advanceTimersByTime(10_000);
  expect(told).toBe(0);
  tried = true;
  vi.advanceTimersByTime(10_000);
  expect(told).toBe(1);
  using nothing = tellWhenTried(() => true, tell);
  vi.advanceTimersByTime(10_000);
  expect([told, waiting, nothing]).toEqual([1, expect.anything(), expect.anything()]);
  vi.useRealTimers();
});
