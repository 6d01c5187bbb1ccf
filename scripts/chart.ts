/** `npm run chart`: writes the tables of values and of features in the chart's README, and what of its values schema is the config file's. */
import { readFileSync, writeFileSync } from 'node:fs';
import { configJsonSchema } from '../src/config/exporter/schema.ts';
import { rowsTable } from '../test/e2e/chart/rows.ts';
import { readValues, valuesTable, withConfigSchema } from './chart-values.ts';

const chart = new URL('../helm/atlas-private-endpoint-exporter/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, chart), 'utf8');
const write = (name: string, text: string) => writeFileSync(new URL(name, chart), text);

const tables = { values: valuesTable(readValues(read('values.yaml'))), features: rowsTable() };
for (const [name, table] of Object.entries(tables)) {
  const place = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*(<!-- /${name} -->)`);
  write(
    'README.md',
    read('README.md').replace(place, (_, before, after) => before + table + after),
  );
}
const config = JSON.parse(JSON.stringify(configJsonSchema()));
write(
  'values.schema.json',
  `${JSON.stringify(withConfigSchema(JSON.parse(read('values.schema.json')), config), null, 2)}\n`,
);
