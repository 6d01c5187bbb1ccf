import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/exporter/load.ts';
import { maskedConfig } from '../../../src/config/exporter/masked.ts';
import { checkSchedule } from '../../../src/polling/cron.ts';

test('the effective config shows its defaults and no secret', async () => {
  const loaded = await loadConfig({
    file: null,
    env: {
      MONGODB_ATLAS_PUBLIC_API_KEY: 'marked-public',
      MONGODB_ATLAS_PRIVATE_API_KEY: 'marked-private',
      MONGODB_ATLAS_PROJECT_ID: '5df264b8f10fab7d2cad2f0d',
    },
    cwd: '/nonexistent',
    checkSchedule,
  });
  const shown = loaded.ok ? maskedConfig(loaded.config) : '';
  expect(shown).not.toContain('marked');
  expect(shown).toContain('publicKey: <secret>');
  expect(shown).toContain('staleAfter: 15m');
});
