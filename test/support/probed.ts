/** Asks an exporter that was started with `--import` of the probe what it holds. */
import type { Holding } from './probe.ts';
import { type Exporter, until } from './process.ts';

/** The address of the module that answers. */
export const probe = new URL('./probe.ts', import.meta.url).href;

/** What it holds now. */
export async function look(exporter: Exporter): Promise<Holding> {
  const answers = () => exporter.output().match(/^\{"probe".*$/gm) ?? [];
  const before = answers().length;
  exporter.child.kill('SIGUSR2');
  const line = await until('what it holds', async () => answers()[before]);
  return (JSON.parse(line) as { probe: Holding }).probe;
}
