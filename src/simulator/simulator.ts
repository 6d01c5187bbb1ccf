/** The Atlas simulator: a real HTTP server that answers like Atlas, for demos, tests and benchmarks. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Buckets, createBuckets } from './access/buckets.ts';
import { createDigestGate, type DigestGate } from './access/digest.ts';
import { createTokenOffice, type TokenOffice } from './access/tokens.ts';
import { type Account, type AccountOptions, toAccount } from './accounts.ts';
import { type SimulatorClock, systemClock } from './clock.ts';
import { createDeprecations, type Deprecations } from './deprecations.ts';
import type { Reply } from './errors.ts';
import { createFaults, type Faults } from './faults.ts';
import { createRandom } from './random.ts';
import { route } from './routes.ts';
import { createSimulatorServer, type Where } from './server.ts';
import { type AtlasWorld, createWorld } from './world/atlas-world.ts';
import { createHistory } from './world/history.ts';
import type { SimulatedSecret } from './world/model.ts';

/** Credentials that docs can name: they open nothing but a simulator. */
export const demoKeys = {
  publicKey: 'demopubl',
  privateKey: '00000000-demo-demo-demo-000000000000',
  clientId: 'mdb_sa_id_0123456789abcdef01234567',
  clientSecret: 'mdb_sa_sk_demo-secret_0123456789',
  orgId: '65f00a1b2c3d4e5f60718290',
} as const;

export interface SimulatorOptions {
  readonly seed?: number;
  readonly clock?: SimulatorClock;
  /** Instead of the two demo accounts. */
  readonly accounts?: readonly AccountOptions[];
  readonly nonceLifeMs?: number;
  readonly tokenLifeMs?: number;
  /** How long a cluster waits for its private connection string once every region has an endpoint; 0 when left out. */
  readonly stringDelayMs?: number;
  /** Time before each answer. */
  readonly latencyMs?: number;
  /** The answer for an organization that does not exist: 404 when left out. */
  readonly unknownOrganization?: 404 | 401;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface RequestRecord {
  readonly operation: string;
  readonly target: string;
  readonly status: number;
  readonly user: string | null;
  readonly projectId: string | null;
}

export interface Simulator extends AsyncDisposable {
  readonly world: AtlasWorld;
  readonly faults: Faults;
  readonly digest: DigestGate;
  readonly tokens: TokenOffice;
  readonly buckets: Buckets;
  readonly deprecations: Deprecations;
  /** The answered requests since the last `forgetRequests`, the first 200,000 of them. */
  readonly requests: readonly RequestRecord[];
  /** How many answers were sent, by operation and status, as in `v2.list 200`. */
  counts(): Readonly<Record<string, number>>;
  readonly connectionsOpened: number;
  readonly mostInFlight: number;
  forgetRequests(): void;
  /** Answers `GET /scenes` and `POST /scenes/NAME` from now on: nothing that Atlas has. */
  serveScenes(scenes: ScenePlayer): void;
  /** Listens and resolves with the base URL. */
  start(where?: Where): Promise<string>;
  readonly url: string;
}

export interface ScenePlayer {
  readonly list: string;
  /** What was played. Throws an Error whose message is for people. */
  play(name: string): string;
}

const mostRecords = 200_000;

export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const clock = options.clock ?? systemClock;
  const now = () => clock.now();
  const history = createHistory();
  const world = createWorld({
    history,
    random: createRandom(options.seed ?? 1),
    orgId: demoKeys.orgId,
    stringDelayMs: options.stringDelayMs ?? 0,
    now,
  });
  const accounts = new Map((options.accounts ?? demoAccounts).map((account) => [account.user, toAccount(account)]));
  for (const { user, type } of accounts.values())
    if (type === 'serviceAccount') world.secrets.set(user, [newSecret(now())]);
  const { digest, tokens } = createGates([...accounts.values()], options, now);
  const buckets = createBuckets(now);
  const faults = createFaults();
  const deprecations = createDeprecations();
  const unknownOrganization = options.unknownOrganization ?? 404;
  let requests: RequestRecord[] = [];
  const latencyMs = options.latencyMs ?? 0;

  let scenes: ScenePlayer | null = null;
  const handle = async (request: IncomingMessage, response: ServerResponse, body: string) => {
    if (scenes && request.url?.startsWith('/scenes')) {
      writeReply(response, sceneReply(scenes, request), request.method === 'HEAD');
      return;
    }
    const around = { world, accounts, digest, tokens, buckets, deprecations, unknownOrganization, origin: server.url };
    const { answer, call } = route({ ...around, request, body });
    const send = (reply: Reply) => {
      if (requests.length < mostRecords) requests.push({ ...call, status: reply.status });
      writeReply(response, reply, request.method === 'HEAD');
    };
    if (latencyMs > 0) await new Promise<void>((resolve) => void clock.after(latencyMs, resolve));
    const effect = faults.meet(call);
    if (effect) await effect({ call, request, response, answer, send });
    else send(answer());
  };
  const server = createSimulatorServer({ tls: options.tls ?? null, handle });

  return {
    world,
    faults,
    digest,
    tokens,
    buckets,
    deprecations,
    get requests() {
      return requests;
    },
    counts: () => countByOperation(requests),
    get connectionsOpened() {
      return server.connectionsOpened;
    },
    get mostInFlight() {
      return server.mostInFlight;
    },
    forgetRequests() {
      requests = [];
      server.forget();
    },
    serveScenes(player) {
      scenes = player;
    },
    start: (where) => server.start(where),
    get url() {
      return server.url;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The two ways to authenticate, for the accounts of each type. */
function createGates(accounts: readonly Account[], options: SimulatorOptions, now: () => number) {
  const secretsOf = (type: Account['type']) =>
    new Map(accounts.filter((account) => account.type === type).map(({ user, secret }) => [user, secret]));
  const { nonceLifeMs = 60_000, tokenLifeMs = 3_600_000 } = options;
  return {
    digest: createDigestGate({ keys: secretsOf('digest'), nonceLifeMs: () => nonceLifeMs, now }),
    tokens: createTokenOffice({ clients: secretsOf('serviceAccount'), lifeMs: () => tokenLifeMs, now }),
  };
}

/** Atlas gives a secret for 90 days unless asked for another time. */
function newSecret(now: number): SimulatedSecret {
  const expiresAt = now + 90 * 24 * 60 * 60 * 1000;
  return { id: '65f00a1b2c3d4e5f60718291', createdAt: now, expiresAt, lastUsedAt: now };
}

function countByOperation(requests: readonly RequestRecord[]): Readonly<Record<string, number>> {
  const counted = Map.groupBy(requests, ({ operation, status }) => `${operation} ${status}`);
  return Object.fromEntries([...counted].map(([name, all]) => [name, all.length]).sort());
}

/** A page of some site must not play scenes: it sends `Origin` with its POST. */
function sceneReply({ list, play }: ScenePlayer, { method, url = '', headers }: IncomingMessage): Reply {
  const text = (status: number, body: string): Reply => ({
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    body: `${body}\n`,
  });
  if (method !== 'POST')
    return url === '/scenes' ? text(200, list) : text(405, 'POST plays a scene, GET /scenes lists them');
  if (headers.origin !== undefined) return text(403, 'Not from a page of a site');
  try {
    return text(200, play(url.slice('/scenes/'.length)));
  } catch (error) {
    return text(404, error instanceof Error ? error.message : String(error));
  }
}

function writeReply(response: ServerResponse, { status, headers, body }: Reply, isHead: boolean): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    Server: 'mdbws',
    'X-Envoy-Upstream-Service-Time': '1',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(isHead ? undefined : body);
}

const demoAccounts: readonly AccountOptions[] = [
  { user: demoKeys.publicKey, secret: demoKeys.privateKey, type: 'digest' },
  { user: demoKeys.clientId, secret: demoKeys.clientSecret, type: 'serviceAccount' },
];
