import { describe, expect, test } from 'vitest';
import { isTroubled, toRows } from '../../../src/pages/facts/standing.ts';
import { aConnection, anId, anInterfaceEndpoint, epoch } from '../../support/builders.ts';
import { aProject, aView, rowOf } from '../view.ts';

const minutes = 60_000;

describe('how a connection stands', () => {
  test.each([
    ['ready', {}, 0, 'ready'],
    ['failed', { status: 'FAILED' }, 0, 'failed'],
    ['failed with a message', { status: 'FAILED', errorMessage: 'No' }, 0, 'failed'],
    ['a message beside a good status', { errorMessage: 'No' }, 0, 'error'],
    ['a message while deleting', { status: 'DELETING', errorMessage: 'No' }, 0, 'error'],
    ['waiting for the user', { status: 'WAITING_FOR_USER' }, 0, 'needs_user'],
    ['in progress', { status: 'INITIATING' }, 60 * minutes, 'moving'],
    ['in progress for too long', { status: 'INITIATING' }, 61 * minutes, 'stuck'],
    ['deleting', { status: 'DELETING' }, 120 * minutes, 'moving'],
    ['deleting for too long', { status: 'DELETING' }, 121 * minutes, 'stuck'],
    ['a word nobody knows', { status: 'PAUSED' }, 0, 'unknown'],
  ] as const)('%s', async (_, connection, ageMs, standing) => {
    expect(await rowOf(aConnection('a1', connection), ageMs)).toMatchObject({
      standing,
      since: epoch,
      byEndpoint: false,
    });
  });

  test.each([
    ['all are ready', [{}], 0, 'ready'],
    ['one was rejected', [{}, { status: 'REJECTED' }], 0, 'failed'],
    ['one has a message', [{ errorMessage: 'No' }], 0, 'error'],
    ['one was not made yet', [{ status: 'NONE' }], 0, 'needs_user'],
    ['one is on its way', [{ status: 'PENDING' }], 30 * minutes, 'moving'],
    ['one is on its way for too long', [{ status: 'PENDING' }], 31 * minutes, 'stuck'],
    ['the worst counts', [{ status: 'PENDING' }, { status: 'REJECTED' }, { status: 'NONE' }], 0, 'failed'],
  ] as const)('interface endpoints: %s', async (_, endpoints, ageMs, standing) => {
    const interfaceEndpoints = endpoints.map((detail, index) => anInterfaceEndpoint(`vpce-${index}`, detail));
    const row = await rowOf(aConnection('a1', { interfaceEndpoints }), ageMs);
    expect(row).toMatchObject({ standing, byEndpoint: standing !== 'ready' });
  });

  test('a connection that failed itself is told as such, whatever its interface endpoints say', async () => {
    const interfaceEndpoints = [anInterfaceEndpoint('vpce-1', { status: 'FAILED' })];
    const row = await rowOf(aConnection('a1', { status: 'FAILED', interfaceEndpoints }));
    expect(row).toMatchObject({ standing: 'failed', byEndpoint: false });
  });

  test('on v1.0 a user is waited for only while there is no interface endpoint', async () => {
    const v1 = { api: 'v1.0', interfaceEndpoints: false } as const;
    const connected = aConnection('a1', { status: 'WAITING_FOR_USER', interfaceEndpoints: [anId('vpce-1')] });
    expect(await rowOf(connected, 0, v1)).toMatchObject({ standing: 'ready' });
    expect(await rowOf({ ...connected, interfaceEndpoints: [] }, 0, v1)).toMatchObject({ standing: 'needs_user' });
  });
});

describe('since when', () => {
  const good = [aConnection('a1')];
  const warned = [aConnection('a1', { errorMessage: 'No' })];

  test.each([
    ['a message counts from when it was set', [good, good, warned, [aConnection('a1', { errorMessage: 'Other' })]], 2],
    ['a message that was there from the start counts from then', [warned, warned], 0],
    [
      'a status counts from when it was seen',
      [warned, [aConnection('a1', { status: 'FAILED', errorMessage: 'No' })]],
      1,
    ],
  ])('%s', async (_, polls, minute) => {
    const [row] = await toRows(aView([aProject({}, ...polls)]));
    expect(row?.since).toBe(epoch + minute * minutes);
  });

  test('an interface endpoint counts by itself', async () => {
    const polls = ['AVAILABLE', 'AVAILABLE', 'REJECTED'].map((status) => [
      aConnection('a1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status })] }),
    ]);
    const [row] = await toRows(aView([aProject({}, ...polls)]));
    expect(row).toMatchObject({ since: epoch + 2 * minutes, byEndpoint: true });
  });
});

test('what was never read has no rows', async () => {
  expect(await toRows(aView([aProject({}, 'timeout')]))).toEqual([]);
});

test('what is on its way needs nobody', () => {
  expect((['failed', 'error', 'needs_user', 'stuck', 'unknown'] as const).every(isTroubled)).toBe(true);
  expect((['moving', 'ready'] as const).some(isTroubled)).toBe(false);
});
