/** `npm run chart`: writes the table of values in the chart's README, and what of its values schema is the config file's. */
import { readFileSync, writeFileSync } from 'node:fs';
import { configJsonSchema } from '../src/config/exporter/schema.ts';
import { readValues, valuesTable, withConfigSchema } from './chart-values.ts';

const chart = new URL('../helm/atlas-private-endpoint-exporter/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, chart), 'utf8');
const write = (name: string, text: string) => writeFileSync(new URL(name, chart), text);

const table = valuesTable(readValues(read('values.yaml')));
write(
  'README.md',
  read('README.md').replace(
    /(<!-- values -->\n)[\s\S]*(<!-- \/values -->)/,
    (_, before, after) => before + table + after,
  ),
);
const config = JSON.parse(JSON.stringify(configJsonSchema()));
write(
  'values.schema.json',
  `${JSON.stringify(withConfigSchema(JSON.parse(read('values.schema.json')), config), null, 2)}\n`,
);
