/** No regular expression takes more than linear time: texts of Atlas, of clients and of configs are written by others. */
import { readFileSync } from 'node:fs';
import { check } from 'recheck';
import { expect, test } from 'vitest';
import { openSource } from './source.ts';

/** What is found must not hang on luck, nor on what else the machine does. */
const steady = {
  timeout: 60_000,
  randomSeed: 1,
  incubationTimeout: null,
  attackTimeout: null,
  seedingTimeout: null,
} as const;

/** What recheck says of a pattern: its complexity, where it is no safe one. The flags say nothing of how long it takes. */
async function faultOf(source: string, flags: string): Promise<string | null> {
  const found = await check(source, flags.replace(/[dgy]/g, ''), steady);
  if (found.status === 'safe') return null;
  return found.status === 'vulnerable' ? found.complexity.summary : `unknown: ${found.error.kind}`;
}

test('a pattern that tries again and again is found', async () => {
  expect(await faultOf('^(a+)+$', '')).toContain('exponential');
  expect(await faultOf('message=.*code=.*x', 'gi')).toContain('polynomial');
});

test('every pattern of src takes linear time', { timeout: 240_000 }, async () => {
  using source = openSource();
  const faults: string[] = [];
  for (const { file, source: pattern, flags } of source.patterns) {
    const fault = await faultOf(pattern, flags);
    if (fault !== null) faults.push(`${file}: /${pattern}/${flags}: ${fault}`);
  }
  expect(source.patterns.length).toBeGreaterThan(100);
  expect(faults).toEqual([]);
});

test('no pattern of src is built from a text, but in files that say why', () => {
  using source = openSource();
  const built = [...new Set(source.exports.map(({ file }) => file))].filter((file) =>
    /\bRegExp\(/.test(readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8')),
  );
  expect(built.toSorted()).toEqual([
    // The user's own, for names of projects, whose length is bounded.
    'config/exporter/schema.ts',
    // A choice of patterns that stand in the same file.
    'domain/error-message.ts',
    // Paths of the simulator.
    'simulator/operation.ts',
  ]);
});
