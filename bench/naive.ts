/**
 * What one would write first: prom-client gauges and counters that are reset and set from the state at each scrape.
 * Usage: node bench/naive.ts <exposition>; the state is what another exporter once showed.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Gauge, Registry } from 'prom-client';
import { parse } from '../test/support/exposition-parser.ts';

const registry = new Registry();
const families = parse(readFileSync(process.argv[2] ?? '', 'utf8'), 'text')
  .filter(({ type }) => type !== 'histogram')
  .map(({ name, help, samples }) => {
    const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))];
    return { gauge: new Gauge({ name, help, labelNames, registers: [registry] }), samples };
  });
const gzipped = promisify<string, Buffer>(gzip);

const server = createServer(async (incoming, outgoing) => {
  for (const { gauge, samples } of families) {
    gauge.reset();
    for (const { labels, value } of samples) gauge.set({ ...labels }, value);
  }
  const text = await registry.metrics();
  const zipped = (incoming.headers['accept-encoding'] ?? '').includes('gzip');
  outgoing.writeHead(200, {
    'Content-Type': registry.contentType,
    ...(zipped && { 'Content-Encoding': 'gzip' }),
  });
  outgoing.end(zipped ? await gzipped(text) : text);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`listening on http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
});
process.on('SIGTERM', () => process.exit(0));
