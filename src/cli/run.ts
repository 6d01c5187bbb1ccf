/** `run`: the daemon, from a config to its end. */
import { type App, openApp, StartError } from '../app/app.ts';
import type { DaemonFlags } from '../app/flags.ts';
import type { World } from '../app/host.ts';
import type { Loaded } from '../config/exporter/load.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { load, loadOrExplain } from './load.ts';

/** How long everything may take to end, in ms. */
const closeWithinMs = 5_000;

/** Exit code: 0 after SIGTERM or SIGINT, 1 on a start-up error. */
export async function runDaemon(flags: DaemonFlags, world: World): Promise<number> {
  const loaded = await loadOrExplain(flags, world);
  return loaded ? serve(flags, world, loaded, () => load(flags, world)) : 1;
}

/** Runs until a signal ends it. */
export async function serve(
  flags: DaemonFlags,
  world: World,
  loaded: Extract<Loaded, { ok: true }>,
  reload: () => Promise<Loaded>,
): Promise<number> {
  const log = createLogger({ level: flags.logLevel, format: flags.logFormat });
  world.onUncaught((thrown) => {
    log.fatal({ err: thrown }, 'Uncaught error');
    void log.end().then(() => world.exit(70));
  });
  const signals = createSignals(world, log);
  let app: App;
  try {
    app = await openApp({ loaded, reload, flags, world, log });
  } catch (thrown) {
    await log.end();
    if (!(thrown instanceof StartError)) throw thrown;
    world.stderr.write(`${thrown.message}\n`);
    return 1;
  }
  signals.onReload(() => void app.reload());
  await signals.ended;
  const closed = await within(app.close(closeWithinMs), closeWithinMs);
  log.info({}, closed ? 'Stopped' : 'Stopped before everything had ended');
  const told = await log.end();
  // What hangs, such as a disk or whoever should read the log, must not keep the process.
  if (!closed || !told) world.exit(0);
  return 0;
}

async function within(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const done = await Promise.race([work.then(() => true as const), late]);
  clearTimeout(timer);
  return done;
}

/** SIGHUP reloads; the first SIGTERM or SIGINT ends in order, a second one at once. */
function createSignals(world: World, log: Logger) {
  let reload = () => {};
  let ending = false;
  const ended = new Promise<void>((resolve) => {
    const end = (signal: string) => () => {
      if (ending) return world.exit(1);
      ending = true;
      log.info({ signal }, 'Stopping');
      resolve();
    };
    world.onSignal('SIGTERM', end('SIGTERM'));
    world.onSignal('SIGINT', end('SIGINT'));
  });
  world.onSignal('SIGHUP', () => reload());
  return {
    ended,
    onReload: (handler: () => void) => {
      reload = handler;
    },
  };
}
