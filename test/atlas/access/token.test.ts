import { describe, expect, test } from 'vitest';
import { createTokenKeeper, type Grant } from '../../../src/atlas/access/token.ts';
import { AtlasError } from '../../../src/atlas/error.ts';

const hour = 3_600_000;
const open = new AbortController().signal;

/** A keeper on a clock that the test sets; each request is answered as `next` says. */
function keeper() {
  const time = { now: 0 };
  const state = { requests: 0, next: async (): Promise<Grant> => ({ text: `t${state.requests}`, lifeMs: hour }) };
  const tokens = createTokenKeeper(
    () => {
      state.requests++;
      return state.next();
    },
    { wall: () => 1_000_000 + time.now, monotonic: () => time.now },
  );
  return { time, state, tokens };
}

const failure =
  (reason: AtlasError['reason'], retryAfterMs: number | null = null) =>
  async () => {
    throw new AtlasError({ reason, detail: 'no', retryAfterMs });
  };

test('one request for any number of polls, and again after two thirds of its life', async () => {
  const { time, state, tokens } = keeper();
  expect(await Promise.all(Array.from({ length: 50 }, () => tokens.current(open)))).toEqual(Array(50).fill('t1'));
  expect([state.requests, tokens.expiresAt()]).toEqual([1, 1_000_000 + hour]);
  time.now = (hour * 2) / 3 - 1;
  expect(await tokens.current(open)).toBe('t1');
  expect(state.requests).toBe(1);
  time.now++;
  // The old one is still good while the new one is on its way.
  expect(await tokens.current(open)).toBe('t1');
  expect(await tokens.current(open)).toBe('t2');
});

test('a renewal that fails leaves the token in use until it ends, and is not tried at once again', async () => {
  const { time, state, tokens } = keeper();
  await tokens.current(open);
  time.now = hour * 0.7;
  state.next = failure('server_error');
  for (let n = 0; n < 10; n++) expect(await tokens.current(open)).toBe('t1');
  expect(state.requests).toBe(2);
  time.now = hour;
  await expect(tokens.current(open)).rejects.toMatchObject({ reason: 'server_error' });
});

test('polls that were refused together ask for one other token', async () => {
  const { state, tokens } = keeper();
  const first = await tokens.current(open);
  const renewed = await Promise.all(
    Array.from({ length: 20 }, async () => {
      tokens.refused(first);
      return tokens.current(open);
    }),
  );
  expect(renewed).toEqual(Array(20).fill('t2'));
  tokens.refused(first);
  expect(await tokens.current(open)).toBe('t2');
  expect(state.requests).toBe(2);
});

describe('a token endpoint that refuses is left alone', () => {
  test.each<readonly [string, () => Promise<Grant>, readonly number[]]>([
    ['as long as it asks', failure('rate_limited', 17_000), [17_000, 17_000, 17_000]],
    ['for 10, 20, 40 s when it does not say', failure('rate_limited'), [10_000, 20_000, 40_000]],
    ['for half a minute when the secret is wrong', failure('unauthorized'), [30_000, 30_000]],
    ['for 1, 2, 4 s when it is out of order', failure('network'), [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]],
  ])('%s', async (_name, next, holds) => {
    const { time, state, tokens } = keeper();
    state.next = next;
    for (const [index, hold] of holds.entries()) {
      await expect(tokens.current(open)).rejects.toThrow(AtlasError);
      time.now += hold - 1;
      await expect(tokens.current(open)).rejects.toThrow(AtlasError);
      expect(state.requests).toBe(index + 1);
      time.now += 1;
    }
  });

  test('but not for another secret', async () => {
    const { state, tokens } = keeper();
    const { next } = state;
    state.next = failure('unauthorized');
    await expect(tokens.current(open)).rejects.toThrow();
    state.next = next;
    tokens.forgetRefusal();
    expect(await tokens.current(open)).toBe('t2');
  });
});

test('who gives up waiting does so at once, and the others get their token', async () => {
  const { state, tokens } = keeper();
  const { promise, resolve } = Promise.withResolvers<Grant>();
  state.next = () => promise;
  const hurried = new AbortController();
  const [patient, impatient] = [tokens.current(open), tokens.current(hurried.signal)];
  hurried.abort(new Error('enough'));
  await expect(impatient).rejects.toThrow('enough');
  resolve({ text: 't', lifeMs: hour });
  expect(await patient).toBe('t');
});

test('a token that is taken is gone', async () => {
  const { tokens } = keeper();
  expect(tokens.take()).toBeNull();
  await tokens.current(open);
  expect([tokens.take(), tokens.take(), tokens.expiresAt()]).toEqual(['t1', null, null]);
});

test('a life of a few seconds does not end before it began', async () => {
  const { state, tokens } = keeper();
  state.next = async () => ({ text: 't', lifeMs: 4_000 });
  expect(await tokens.current(open)).toBe('t');
  expect(await tokens.current(open)).toBe('t');
  expect(state.requests).toBe(1);
});
