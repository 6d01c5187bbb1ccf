/**
 * Loaded into the exporter with `--import`: answers what only the process itself can tell. On 'reset' it begins to
 * measure, on 'read' it tells what was measured since.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Probed {
  /** Of the event loop's delay, in ms. */
  readonly p999: number;
  readonly max: number;
  /** User and system time of the whole process, in ms. */
  readonly cpuMs: number;
}

const delay = monitorEventLoopDelay({ resolution: 1 });
let cpu = process.cpuUsage();
const ms = (nanoseconds: number) => nanoseconds / 1e6;

process.on('message', (question) => {
  if (question === 'reset') {
    cpu = process.cpuUsage();
    delay.reset();
    delay.enable();
    process.send?.('measuring');
    return;
  }
  const { user, system } = process.cpuUsage(cpu);
  // The histogram holds the time between two looks, of which one ms was meant to pass.
  const probed: Probed = {
    p999: ms(delay.percentile(99.9)) - 1,
    max: ms(delay.max) - 1,
    cpuMs: (user + system) / 1000,
  };
  process.send?.(probed);
});
process.channel?.unref();
