import { expect, test } from 'vitest';
import { secretsSection } from '../../../src/pages/parts/secrets.ts';

const day = 86_400_000;
const at = Date.parse('2027-01-01T00:00:00Z');
const words = async (...credentials: Parameters<typeof secretsSection>[0]['credentials']) =>
  String(await secretsSection({ at, credentials }))
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
const ending = (name: string, days: number) => ({ name, facts: { secretExpiresAt: at + days * day } });

test('what ends first is told first, and what is near with what to do', async () => {
  expect(await words(ending('late', 60), ending('robot', 3))).toBe(
    '2 secrets that end The secret of robot ends on 2027-01-04 at 00:00 UTC, in 3 days. Make a new secret of the service account in Atlas and put it where the config points: it is used without a restart. The secret of late ends on 2027-03-02 at 00:00 UTC, in 60 days.',
  );
});

test('nothing is said where nothing is known', async () => {
  expect(await words({ name: 'main', facts: {} }, { name: 'robot', facts: { secretExpiresAt: null } })).toBe('');
});
