/** `npm run schema`: writes the JSON Schema of the config file. */
import { writeFileSync } from 'node:fs';
import { configJsonSchema } from '../src/config/exporter/schema.ts';

writeFileSync(
  new URL('../config/exporter.schema.json', import.meta.url),
  `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
);
