import { expect, test } from 'vitest';
import { createSlots } from '../../../src/http/metrics/slots.ts';

function setUp(max: number) {
  const time = { now: 0 };
  const cut: string[] = [];
  const slots = createSlots(max, () => time.now);
  return { time, cut, acquire: (name: string) => slots.acquire(() => cut.push(name)) };
}

test('refuses when all are taken by answers that move', () => {
  const { acquire, cut, time } = setUp(2);
  acquire('a');
  acquire('b');
  time.now = 5_000;
  expect(acquire('c')).toBeNull();
  expect(cut).toEqual([]);
});

test('a slot that is given back is free', () => {
  const { acquire } = setUp(1);
  acquire('a')?.release();
  expect(acquire('b')).not.toBeNull();
});

test('cuts the one that has not moved for longest', () => {
  const { acquire, cut, time } = setUp(3);
  const a = acquire('a');
  acquire('b');
  acquire('c')?.touch();
  time.now = 1_000;
  a?.touch();
  time.now = 5_001;
  expect(acquire('d')).not.toBeNull();
  expect(acquire('e')).not.toBeNull();
  expect(cut).toEqual(['b', 'c']);
  expect(acquire('f')).toBeNull();
});

test('one that was cut neither moves nor gives a slot back', () => {
  const { acquire, time } = setUp(1);
  const a = acquire('a');
  time.now = 6_000;
  acquire('b');
  a?.touch();
  a?.release();
  expect(acquire('c')).toBeNull();
});

test('0 is no limit', () => {
  const { acquire } = setUp(0);
  for (let count = 0; count < 1_000; count += 1) expect(acquire('')).not.toBeNull();
});
