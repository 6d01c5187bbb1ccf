/** The composition root: opens everything in order, hands each part its functions, closes in reverse. */

import type { Atlas } from '../atlas/atlas.ts';
import type { Config } from '../config/exporter/config.ts';
import type { Loaded } from '../config/exporter/load.ts';
import { maskedConfig } from '../config/exporter/masked.ts';
import { formatProblems } from '../config/problems.ts';
import { loadWebConfig } from '../config/web/web.ts';
import { countTargets } from '../domain/targets.ts';
import { yieldTurn } from '../domain/yield-turn.ts';
import { createExposition } from '../exposition/exposition.ts';
import type { Answers } from '../http/answers.ts';
import { ListenError } from '../http/listen-address.ts';
import { createFleet, type Fleet } from '../polling/fleet.ts';
import { StateError } from '../state/errors.ts';
import type { Store } from '../state/store.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createRegistry, type Registry } from '../telemetry/registry.ts';
import type { DaemonFlags } from './flags.ts';
import { tellWhenTried, toFound } from './found.ts';
import { createReadiness, toHealth } from './health.ts';
import type { World } from './host.ts';
import { createRuntime, type Runtime } from './polling.ts';
import { createPort } from './port.ts';
import { createReloader, type Reloader, type ReloadResult } from './reload.ts';
import { configPart, type InForce, webPart } from './reload-parts.ts';
import { openState, restoreInto } from './restore.ts';
import { toAtlasOptions, toAtlasSettings, toSettings, withFlags } from './settings.ts';
import { startUpkeep } from './upkeep.ts';
import { toAtlasPages, toReachable } from './urls.ts';
import { createSharedView, toExposed, toFleetView } from './views.ts';

export interface App {
  /** The addresses that it listens on, as in `127.0.0.1:27900`. */
  readonly addresses: readonly string[];
  reload(): Promise<ReloadResult>;
  /** Ends everything in order; what is not done after `withinMs` is cut. */
  close(withinMs: number): Promise<void>;
}

/** A start that a mistake of the user prevents. The message says what is wrong and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface AppOptions {
  readonly loaded: Extract<Loaded, { ok: true }>;
  readonly reload: () => Promise<Loaded>;
  readonly flags: DaemonFlags;
  readonly world: World;
  readonly log: Logger;
  /** Whether the log says that it started, and what was found. True when left out. */
  readonly announce?: boolean;
}

/** Opens the daemon: state restored, then the port open, then the first polls. Throws a StartError. */
export async function openApp(options: AppOptions): Promise<App> {
  // The stack closes what was opened when a later part cannot be opened.
  await using stack = new AsyncDisposableStack();
  try {
    const app = await open(options, stack);
    const opened = stack.move();
    return { ...app, close: (withinMs) => app.close(withinMs, () => opened.disposeAsync()) };
  } catch (thrown) {
    if (thrown instanceof StateError || thrown instanceof ListenError) throw new StartError(thrown.message);
    throw thrown;
  }
}

interface Opened extends Omit<App, 'close'> {
  close(withinMs: number, dispose: () => Promise<void>): Promise<void>;
}

async function open(options: AppOptions, stack: AsyncDisposableStack): Promise<Opened> {
  const { loaded, flags, world, log } = options;
  const { clock } = world;
  // The web config is read before anything is opened: a mistake in it must not be found behind an open port.
  const web = flags.webConfigFile === null ? null : loadWeb(flags.webConfigFile, world.cwd);
  const inForce: InForce = { config: withFlags(loaded.config, flags) };
  const ending = { closing: false, graceMs: 0 };
  const parts = await openParts(options, inForce, stack);
  const { fleet, store, createPages, startServer } = parts;
  const port = stack.use(createPort(() => ending.graceMs));
  const runtime = stack.use(createRuntime({ ...parts, log, clock }));
  const { watch } = runtime;
  const settings = toSettings(inForce.config, flags.shard);
  restoreInto({ ...runtime, fleet, commit: store.commit }, store.restored, settings, clock);
  const put = (config: Config) => {
    parts.atlas.reconfigure(toAtlasSettings(config));
    return watch.apply(toSettings(config, flags.shard));
  };
  const config = configPart({ loaded, inForce, load: options.reload, overruled: (c) => withFlags(c, flags), put, log });
  const webs = web ? [webPart({ ...web, reconfigure: port.reconfigure, log })] : [];
  const reloader = stack.use(createReloader({ parts: [config, ...webs], now: clock.wall }));
  const answers = createAnswers({ ...parts, runtime, reloader, inForce, options, isClosing: () => ending.closing });
  const pages = createPages({
    answers,
    telemetryPath: flags.telemetryPath,
    atlasUrl: () => toAtlasPages(inForce.config.atlas.baseUrl),
  });
  const server = { ...flags, ...(web && { web: web.loaded.web }), pages, log, monotonic: clock.monotonic, answers };
  const addresses = await port.open(() => startServer(server));
  const upkeep = stack.use(
    startUpkeep({
      ...runtime.upkeep,
      fleet,
      saveFreshness: (moved) => void store.commit(moved),
    }),
  );
  reloader.follow();
  watch.start();
  if (options.announce ?? true) {
    const scheme = web?.loaded.web.tls ? 'https' : 'http';
    const url = flags.externalUrl?.href ?? `${scheme}://${toReachable(addresses[0] ?? '')}${flags.routePrefix}/`;
    const found = () => toFound(fleet.projectCount(), fleet.sources());
    stack.use(tellWhenTried(watch.triedAll, () => log.info({ ...found(), url }, 'First polls done')));
    log.info({ addresses, version: world.version, ...found(), url }, 'Started');
  }

  return {
    addresses,
    reload: reloader.reload,
    async close(withinMs, dispose) {
      ending.closing = true;
      ending.graceMs = withinMs - 1_500;
      upkeep.flush();
      await dispose();
    },
  };
}

interface Parts extends Pick<Adapters, 'startServer' | 'createPages'> {
  readonly fleet: Fleet;
  readonly store: Store;
  readonly registry: Registry;
  readonly atlas: Atlas;
}

/** Opens what polling needs: the state, the exporter's own metrics and the way to Atlas. */
async function openParts({ world, log }: AppOptions, { config }: InForce, stack: AsyncDisposableStack): Promise<Parts> {
  const adapters = loadAdapters();
  // The imports are awaited once the state is open. Without this an import that fails before would be an unhandled rejection.
  adapters.catch(() => {});
  const fleet = createFleet();
  const store = stack.use(await openState({ ...config.state, fleet, clock: world.clock, log }));
  const { createAtlas, startServer, createPages } = await adapters;
  const registry = createRegistry();
  const atlas = stack.use(createAtlas({ ...toAtlasOptions(config, world), observer: registry.requests }));
  return { fleet, store, registry, atlas, startServer, createPages };
}

interface AnswersParts extends Omit<Parts, 'startServer' | 'createPages'> {
  readonly runtime: Runtime;
  readonly reloader: Reloader;
  readonly inForce: InForce;
  readonly options: AppOptions;
  readonly isClosing: () => boolean;
}

/** Creates the answers of the port. Each is read off the part that knows it, at the moment of the question. */
function createAnswers(parts: AnswersParts): Answers {
  const { fleet, store, registry, atlas, runtime, reloader, inForce, options, isClosing } = parts;
  const { world, log, flags } = options;
  const { clock } = world;
  const { watch, scheduler } = runtime;
  const exposition = createExposition({
    errorMessageText: () => inForce.config.metrics.errorMessageText,
    clock,
    yieldTurn,
  });
  const own = () =>
    registry.own({
      build: world,
      shard: flags.shard,
      credentials: atlas.credentialStates(),
      projects: fleet.projectCount(),
      targets: countTargets(fleet.sources()),
      discovery: runtime.discoveryStates(),
      lookups: runtime.lookupStates(),
      learned: fleet.credentials(),
      state: store.status(),
      reload: reloader.status(),
      droppedLogLines: log.dropped(),
    });
  const shared = createSharedView(() => {
    const view = toFleetView(fleet, watch, clock);
    // Of the same moment: a view from before the lists were read has gaps.
    return { view, targets: watch.knowsClusters() ? view : null };
  }, clock.monotonic);
  const readiness = createReadiness(clock, () => watch.triedAll());
  return {
    metrics: (format, compressed) => exposition.render(toExposed(fleet, watch, own), format, compressed),
    health: () => toHealth(scheduler.lateMs()),
    readiness: () => (isClosing() ? { ready: false, detail: 'Shutting down' } : readiness()),
    reload: reloader.reload,
    effectiveConfig: () => maskedConfig(inForce.config),
    view: () => shared().view,
    targets: () => shared().targets,
    changes: store.changes,
  };
}

type Adapters = Awaited<ReturnType<typeof loadAdapters>>;

/** Imports the adapters that take long to import, while another thread reads the state. */
async function loadAdapters() {
  const [{ createAtlas }, { startServer }, { createPages }] = await Promise.all([
    import('../atlas/atlas.ts'),
    import('../http/server.ts'),
    import('../pages/pages.ts'),
  ]);
  return { createAtlas, startServer, createPages };
}

function loadWeb(file: string, cwd: string) {
  const loaded = loadWebConfig(file, cwd);
  if (!loaded.ok) throw new StartError(formatProblems(loaded.origin, loaded.problems));
  return { file, cwd, loaded };
}
