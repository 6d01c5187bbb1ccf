import { expect, test } from 'vitest';
import { configJsonSchema } from '../../../src/config/exporter/schema.ts';

test('the JSON Schema in config/ is the one of the code', async () => {
  const path = new URL('../../../config/exporter.schema.json', import.meta.url).pathname;
  await expect(`${JSON.stringify(configJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(path);
});
