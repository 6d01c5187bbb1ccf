/**
 * Loaded into the exporter with `--import`: answers what only the process itself can tell. On 'reset' it begins to
 * measure, on 'read' it tells what was measured since, as `Probed` of exporter.ts. Not TypeScript: what Node loads to strip
 * types would be some 11 MiB of the memory that is measured.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 1 });
const ms = (nanoseconds) => nanoseconds / 1e6;

process.on('message', (question) => {
  if (question === 'reset') {
    delay.reset();
    delay.enable();
    process.send?.('measuring');
    return;
  }
  // The histogram holds the time between two looks, of which one ms was meant to pass.
  process.send?.({ p999: ms(delay.percentile(99.9)) - 1, max: ms(delay.max) - 1 });
});
process.channel?.unref();
