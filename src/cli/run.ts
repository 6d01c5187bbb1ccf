/** `run`: the daemon, from a config to its end. */
import { type App, openApp, StartError } from '../app/app.ts';
import type { DaemonFlags } from '../app/flags.ts';
import type { World } from '../app/host.ts';
import type { Loaded } from '../config/exporter/load.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { load, loadOrExplain } from './load.ts';

/** How long everything may take to end, in ms. */
const closeWithinMs = 5_000;

/** Exit code: 0 after SIGTERM or SIGINT, 1 on a start-up error, 70 on a defect. */
export async function runDaemon(flags: DaemonFlags, world: World): Promise<number> {
  const loaded = await loadOrExplain(flags, world);
  return loaded ? serve(flags, world, loaded, () => load(flags, world)) : 1;
}

/** Runs until a signal ends it. `started` is called with the addresses once it listens, and tells of the start instead of the log on a terminal. */
export async function serve(
  flags: DaemonFlags,
  world: World,
  loaded: Extract<Loaded, { ok: true }>,
  reload: () => Promise<Loaded>,
  started?: (addresses: readonly string[]) => void,
): Promise<number> {
  const log = createLogger({ level: flags.logLevel, format: flags.logFormat });
  const die = createDeath(world, log);
  using handlers = new DisposableStack();
  handlers.defer(world.onUncaught((thrown) => void die(thrown, 'Uncaught error')));
  const signals = handlers.use(createSignals(world, log));
  let app: App;
  try {
    app = await openApp({ loaded, reload, flags, world, log, announce: started === undefined || !world.stdout.isTTY });
    started?.(app.addresses);
  } catch (thrown) {
    if (!(thrown instanceof StartError)) return die(thrown, 'Start failed');
    await log.end();
    world.stderr.write(`${thrown.message}\n`);
    return 1;
  }
  signals.onReload(() => void app.reload());
  await signals.ended;
  const closed = await within(app.close(closeWithinMs), closeWithinMs);
  log.info({}, closed ? 'Stopped' : 'Stopped before everything had ended');
  const told = await log.end();
  // A disk or a reader of the log that hangs must not keep the process.
  if (!closed || !told) world.exit(0);
  return 0;
}

/** Exit code of a defect: EX_SOFTWARE of sysexits.h. */
const defect = 70;

/** Ends the process after an error that nothing expected: one fatal line, whatever else is thrown on the way. */
function createDeath(world: World, log: Logger): (thrown: unknown, message: string) => Promise<number> {
  let dying: Promise<number> | null = null;
  const die = async (thrown: unknown, message: string) => {
    log.fatal({ err: thrown }, message);
    await log.end();
    world.exit(defect);
    return defect;
  };
  return (thrown, message) => {
    dying ??= die(thrown, message);
    return dying;
  };
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

interface Signals extends Disposable {
  /** Resolves with the first signal to end. */
  readonly ended: Promise<void>;
  onReload(handler: () => void): void;
}

/** SIGHUP reloads; the first SIGTERM or SIGINT ends in order, a second one at once. */
function createSignals(world: World, log: Logger): Signals {
  const handlers = new DisposableStack();
  let reload = () => {};
  let ending = false;
  const ended = new Promise<void>((resolve) => {
    const end = (signal: string) => () => {
      if (ending) return world.exit(1);
      ending = true;
      log.info({ signal }, 'Stopping');
      resolve();
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) handlers.defer(world.onSignal(signal, end(signal)));
  });
  handlers.defer(world.onSignal('SIGHUP', () => reload()));
  return {
    ended,
    onReload: (handler: () => void) => {
      reload = handler;
    },
    [Symbol.dispose]: () => handlers.dispose(),
  };
}
