/** The composition root: opens everything in order, hands each part its functions, closes in reverse. */

import type { Loaded } from '../config/exporter/load.ts';
import { maskedConfig } from '../config/exporter/masked.ts';
import { watchFiles } from '../config/files.ts';
import { formatProblems } from '../config/problems.ts';
import { loadWebConfig } from '../config/web/web.ts';
import { followWebConfig, type WebFollower } from '../config/web/web-follow.ts';
import type { Clock } from '../domain/time.ts';
import { createExposition } from '../exposition/exposition.ts';
import type { Answers } from '../http/answers.ts';
import { ListenError } from '../http/listen-address.ts';
import type { Format } from '../metrics/family.ts';
import { createFleet } from '../polling/fleet.ts';
import { StateError } from '../state/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createRegistry } from '../telemetry/registry.ts';
import type { DaemonFlags } from './flags.ts';
import type { World } from './host.ts';
import { createRuntime } from './polling.ts';
import { createReloader, type ReloadResult } from './reload.ts';
import { openState, restoreInto } from './restore.ts';
import { needsRestart, toAtlasOptions, toAtlasSettings, toSettings, withFlags } from './settings.ts';
import { startUpkeep } from './upkeep.ts';
import { storedProjectsRevision, toExposed, toFleetView, toStoredProjects } from './views.ts';

export interface App {
  /** Where it listens: `127.0.0.1:27900`. */
  readonly addresses: readonly string[];
  reload(): Promise<ReloadResult>;
  /** Ends everything in order; what is not done after `withinMs` is cut. */
  close(withinMs: number): Promise<void>;
}

/** It cannot start. The message says to a person what is wrong and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface AppOptions {
  readonly loaded: Extract<Loaded, { ok: true }>;
  readonly reload: () => Promise<Loaded>;
  readonly flags: DaemonFlags;
  readonly world: World;
  readonly log: Logger;
}

/** How long a start may take until it counts as ready although some source was never tried, in ms. */
const readyAfterMs = 60_000;
/** How late a tick may be until the process counts as stuck, in ms. */
const lateMs = 60_000;

/** Opens the daemon: state restored, then the port open, then the first polls. Throws a StartError. */
export async function openApp(options: AppOptions): Promise<App> {
  // Whatever was opened is closed again when a later part cannot be.
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

async function open(
  { loaded, reload: readAgain, flags, world, log }: AppOptions,
  stack: AsyncDisposableStack,
): Promise<Opened> {
  const { clock } = world;
  // Before anything else: a mistake in it must not be found behind an open port.
  const web = flags.webConfigFile === null ? null : openWebConfig(flags.webConfigFile, world.cwd);
  let config = withFlags(loaded.config, flags);
  let closing = false;
  let graceMs = 0;
  let webFollower: WebFollower | null = null;

  const fleet = createFleet();
  const opening = openState({ ...config.state, fleet, clock, log }).then((opened) => stack.use(opened));
  const [store, { createAtlas, startServer, createPages }] = await Promise.all([opening, loadAdapters()]);
  const registry = createRegistry();
  const atlas = stack.use(createAtlas({ ...toAtlasOptions(config, world), observer: registry.requests }));
  const files = stack.use(watchFiles(() => void reload()));
  const runtime = createRuntime({ fleet, store, registry, atlas, log, clock });
  const { watch, scheduler } = runtime;
  restoreInto({ watch, fleet, commit: store.commit }, store.restored, toSettings(config, flags.shard), clock);
  registry.reloaded(true, clock.wall());

  const reloadConfig = createReloader<Extract<Loaded, { ok: true }>>({
    async load() {
      const again = await readAgain();
      if (again.ok) return { ok: true, config: again };
      return { ok: false, problems: formatProblems(again.origin, again.problems) };
    },
    needsRestart: (again) => needsRestart(config, withFlags(again.config, flags)),
    apply(again) {
      config = withFlags(again.config, flags);
      atlas.reconfigure(toAtlasSettings(config));
      log.info(watch.apply(toSettings(config, flags.shard)), 'Config reloaded');
      files.watch(again.files);
    },
    tell(result) {
      registry.reloaded(result.ok, clock.wall());
      if (!result.ok) log.error({ problems: result.problems }, 'Config not reloaded');
    },
  });
  /** Both files, each for itself: a mistake in one does not hold up the other. */
  const reload = async (): Promise<ReloadResult> => {
    const web = webFollower?.reload() ?? { ok: true };
    const result = await reloadConfig();
    if (result.ok) return web;
    return web.ok ? result : { ok: false, problems: `${result.problems}\n${web.problems}` };
  };
  const exposition = createExposition({
    errorMessageText: () => config.metrics.errorMessageText,
    clock,
    yieldTurn: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const own = () =>
    registry.own({
      build: world,
      shard: flags.shard,
      credentials: atlas.credentialStates(),
      projects: fleet.projectCount(),
      discovery: runtime.discoveryStates(),
      state: store.status(),
      droppedLogLines: log.dropped(),
    });
  const readiness = createReadiness(clock, () => watch.triedAll());

  const answers = {
    metrics: (format: Format, compressed: boolean) =>
      exposition.render(toExposed(fleet, watch, own), format, compressed),
    health: () => toHealth(scheduler.lateMs()),
    readiness: () => (closing ? { ready: false, detail: 'Shutting down' } : readiness()),
    reload,
    effectiveConfig: () => maskedConfig(config),
    view: () => toFleetView(fleet, watch, clock),
    changes: store.changes,
  } satisfies Answers;
  const server = await startServer({
    ...flags,
    ...(web && { web: web.loaded.web }),
    pages: createPages({ answers, telemetryPath: flags.telemetryPath }),
    log,
    monotonic: clock.monotonic,
    answers,
  });
  stack.defer(() => server.close(graceMs));
  webFollower =
    web &&
    stack.use(
      followWebConfig({
        ...web,
        apply: (settings) => server.reconfigure(settings),
        tell(result) {
          if (result.ok) log.info({ file: web.file }, 'Web config reloaded');
          else log.error({ problems: result.problems }, 'Web config not reloaded');
        },
      }),
    );
  stack.use(runtime);
  const upkeep = stack.use(
    startUpkeep({
      fleet,
      everyMinute: () => runtime.everyMinute(),
      saveFreshness: (moved) => void store.commit(moved),
      saveRest: createSaver(
        () => storedProjectsRevision(fleet, watch),
        () => store.saveProjects(toStoredProjects(fleet, watch)),
      ),
    }),
  );
  files.watch(loaded.files);
  watch.start();
  log.info({ addresses: server.addresses, version: world.version, projects: fleet.projectCount() }, 'Started');

  return {
    addresses: server.addresses,
    reload,
    async close(withinMs, dispose) {
      closing = true;
      graceMs = withinMs - 1_500;
      upkeep.flush();
      await dispose();
    },
  };
}

/** What takes long to load: it is loaded while another thread reads the state. */
async function loadAdapters() {
  const [{ createAtlas }, { startServer }, { createPages }] = await Promise.all([
    import('../atlas/atlas.ts'),
    import('../http/server.ts'),
    import('../pages/pages.ts'),
  ]);
  return { createAtlas, startServer, createPages };
}

function openWebConfig(file: string, cwd: string) {
  const loaded = loadWebConfig(file, cwd);
  if (!loaded.ok) throw new StartError(formatProblems(loaded.origin, loaded.problems));
  return { file, cwd, loaded };
}

/** Saves only what may be another than last time: ten thousand projects are a long list. */
function createSaver(revision: () => string, save: () => void): () => void {
  let saved: string | null = null;
  return () => {
    if (saved === revision()) return;
    saved = revision();
    save();
  };
}

/** Ready once everything was restored or tried once, at the latest a minute after the start; then for good. */
function createReadiness(clock: Clock, triedAll: () => boolean): Answers['readiness'] {
  const startedAt = clock.monotonic();
  let ready = false;
  return () => {
    ready ||= triedAll() || clock.monotonic() - startedAt >= readyAfterMs;
    return { ready, detail: ready ? 'Ready' : 'Some sources were not polled yet' };
  };
}

function toHealth(lateBy: number): ReturnType<Answers['health']> {
  const healthy = lateBy <= lateMs;
  return { healthy, detail: healthy ? 'Healthy' : `The scheduler is ${Math.round(lateBy / 1000)} s late` };
}
