/** Writes the Grafana dashboards of the chart: `node scripts/dashboards.ts`; with `--check` it only says which are old. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dashboards } from '../dashboards/all.ts';

const folder = new URL('../helm/atlas-private-endpoint-exporter/files/dashboards/', import.meta.url);

const old = Object.entries(dashboards()).filter(([name, text]) => {
  const file = new URL(`${name}.json`, folder);
  if (read(file) === text) return false;
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  return true;
});
for (const [name] of old) console.log(`${process.argv.includes('--check') ? 'Old' : 'Written'}: ${name}.json`);
if (process.argv.includes('--check') && old.length > 0) process.exitCode = 1;

function read(file: URL): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
