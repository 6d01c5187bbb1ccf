/** The Atlas simulator: a real HTTP server that answers like Atlas, for demos, tests and benchmarks. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Buckets, createBuckets } from './access/buckets.ts';
import { createDigestGate, type DigestGate } from './access/digest.ts';
import { createTokenOffice, type TokenOffice } from './access/tokens.ts';
import { type SimulatorClock, systemClock } from './clock.ts';
import { type Reply, replies } from './errors.ts';
import { type Call, createFaults, type Faults } from './faults.ts';
import { type Operation, operations } from './operations.ts';
import { createRandom } from './random.ts';
import { type AtlasWorld, createWorld } from './world/atlas-world.ts';
import { createHistory } from './world/history.ts';
import type { SimulatedProject } from './world/model.ts';

/** Well known, so that a README can name them; they open nothing but a simulator. */
export const demoKeys = {
  publicKey: 'demopubl',
  privateKey: '00000000-demo-demo-demo-000000000000',
  clientId: 'mdb_sa_id_0123456789abcdef01234567',
  clientSecret: 'mdb_sa_sk_demo-secret_0123456789',
  orgId: '65f00a1b2c3d4e5f60718290',
} as const;

/** Who may ask, and what they may see. */
export interface Account {
  /** Public key or client id. */
  readonly user: string;
  readonly secret: string;
  readonly type: 'digest' | 'serviceAccount';
  readonly owner: boolean;
  /** null sees every project. */
  readonly projects: readonly string[] | null;
  /** Its address is not on the API access list. */
  readonly blockedAddress: string | null;
}

export interface SimulatorOptions {
  readonly seed?: number;
  readonly clock?: SimulatorClock;
  /** Instead of the two demo accounts. */
  readonly accounts?: readonly (Partial<Account> & Pick<Account, 'user' | 'secret'>)[];
  readonly nonceLifeMs?: number;
  readonly tokenLifeMs?: number;
  /** Before each answer. */
  readonly latencyMs?: number;
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
  /** Every answered request since the last `forgetRequests`; not kept beyond 200,000. */
  readonly requests: readonly RequestRecord[];
  /** How many answers were sent, by operation and status, as in `v2.list 200`. */
  counts(): Readonly<Record<string, number>>;
  readonly connectionsOpened: number;
  readonly mostInFlight: number;
  forgetRequests(): void;
  setLatency(ms: number): void;
  /** Listens and resolves with the base URL. */
  start(where?: { readonly host?: string; readonly port?: number }): Promise<string>;
  readonly url: string;
}

const mostRecords = 200_000;

export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const clock = options.clock ?? systemClock;
  const now = () => clock.now();
  const history = createHistory();
  const world = createWorld({ history, random: createRandom(options.seed ?? 1), orgId: demoKeys.orgId, now });
  const accounts = new Map((options.accounts ?? demoAccounts).map((account) => [account.user, complete(account)]));
  const secretsOf = (type: Account['type']) =>
    new Map(
      [...accounts.values()].filter((account) => account.type === type).map(({ user, secret }) => [user, secret]),
    );
  const digest = createDigestGate({ keys: secretsOf('digest'), nonceLifeMs: () => options.nonceLifeMs ?? 60_000, now });
  const tokens = createTokenOffice({
    clients: secretsOf('serviceAccount'),
    lifeMs: () => options.tokenLifeMs ?? 3_600_000,
    now,
  });
  const buckets = createBuckets(now);
  const faults = createFaults();
  let requests: RequestRecord[] = [];
  let latencyMs = options.latencyMs ?? 0;
  let connectionsOpened = 0;
  let inFlight = 0;
  let mostInFlight = 0;
  let url = '';

  const handle = async (request: IncomingMessage, response: ServerResponse, body: string) => {
    const { answer, call } = route({ request, body, world, accounts, digest, tokens, buckets, origin: url });
    const send = ({ status, headers, body: payload }: Reply) => {
      if (requests.length < mostRecords) requests.push({ ...call, status });
      if (response.destroyed) return;
      response.writeHead(status, {
        Server: 'mdbws',
        'X-Envoy-Upstream-Service-Time': '1',
        'Content-Length': Buffer.byteLength(payload),
        ...headers,
      });
      response.end(payload);
    };
    if (latencyMs > 0) await new Promise<void>((resolve) => void clock.after(latencyMs, resolve));
    const effect = faults.meet(call);
    if (effect) await effect({ call, request, response, answer, send });
    else send(answer());
  };

  const listener: RequestListener = (request, response) => {
    inFlight++;
    mostInFlight = Math.max(mostInFlight, inFlight);
    response.once('close', () => inFlight--);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      handle(request, response, Buffer.concat(chunks).toString()).catch(() => response.destroy());
    });
  };
  const server: Server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  server.keepAliveTimeout = 120_000;
  server.on('connection', () => connectionsOpened++);
  server.on('clientError', (_error, socket) => socket.destroy());

  return {
    world,
    faults,
    digest,
    tokens,
    buckets,
    get requests() {
      return requests;
    },
    counts() {
      const counted = Map.groupBy(requests, ({ operation, status }) => `${operation} ${status}`);
      return Object.fromEntries([...counted].map(([name, all]) => [name, all.length]).sort());
    },
    get connectionsOpened() {
      return connectionsOpened;
    },
    get mostInFlight() {
      return mostInFlight;
    },
    forgetRequests() {
      requests = [];
      mostInFlight = 0;
    },
    setLatency(ms) {
      latencyMs = ms;
    },
    async start({ host = '127.0.0.1', port = 0 } = {}) {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
      const address = server.address() as AddressInfo;
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      url = `${options.tls ? 'https' : 'http'}://${name}:${address.port}`;
      return url;
    },
    get url() {
      return url;
    },
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

const demoAccounts = [
  { user: demoKeys.publicKey, secret: demoKeys.privateKey, type: 'digest' },
  { user: demoKeys.clientId, secret: demoKeys.clientSecret, type: 'serviceAccount' },
] as const;

function complete(account: Partial<Account> & Pick<Account, 'user' | 'secret'>): Account {
  return { type: 'digest', owner: true, projects: null, blockedAddress: null, ...account };
}

interface Scene {
  readonly request: IncomingMessage;
  readonly body: string;
  readonly world: AtlasWorld;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly digest: DigestGate;
  readonly tokens: TokenOffice;
  readonly buckets: Buckets;
  readonly origin: string;
}

/** What a request is, and what Atlas would answer: access list, authentication, version, existence, access, bucket. */
function route(scene: Scene): { readonly call: Call; answer(): Reply } {
  const { request, body, tokens } = scene;
  const { method = 'GET', url: target = '/', headers } = request;
  const at = (operation: string, projectId: string | null = null, user: string | null = null): Call => ({
    operation,
    method,
    target,
    projectId,
    user,
  });
  const office = { '/api/oauth/token': 'token', '/api/oauth/revoke': 'revoke' }[target];
  if (office !== undefined && method === 'POST') {
    const answer = () =>
      office === 'token' ? tokens.issue(headers.authorization, body) : tokens.revoke(headers.authorization, body);
    return { call: at(office), answer };
  }
  const [path = '', search = ''] = target.split('?');
  const operation = operations.find(({ pattern }) => pattern.test(path));
  const variables = (operation?.pattern.exec(path)?.slice(1) ?? []).map(decodeVariable);
  const projectId = path.includes('/groups/') ? (variables[0] ?? null) : null;
  const asked = authenticate(scene, method, target);
  const name = operation?.name ?? 'unknown';
  if ('challenge' in asked) return { call: at('challenge', projectId), answer: () => asked.challenge };
  return {
    call: at(name, projectId, asked.account.user),
    answer: () => {
      if (!operation || method !== 'GET') return replies.noResource();
      return perform(scene, operation, asked.account, path, variables, new URLSearchParams(search));
    },
  };
}

function authenticate(
  { request, accounts, digest, tokens }: Scene,
  method: string,
  target: string,
): { account: Account } | { challenge: Reply } {
  const { authorization } = request.headers;
  const client = tokens.clientOf(authorization);
  const checked = client === null ? digest.check(method, target, authorization) : { user: client };
  if ('challenge' in checked) return checked;
  const account = accounts.get(checked.user);
  return account ? { account } : (digest.check(method, target, undefined) as { challenge: Reply });
}

function perform(
  scene: Scene,
  operation: Operation,
  account: Account,
  path: string,
  variables: readonly string[],
  query: URLSearchParams,
): Reply {
  const { world, request, buckets } = scene;
  if (account.blockedAddress !== null) return replies.notListed(account.blockedAddress);
  const version = operation.version === '' ? null : negotiate(request.headers.accept, operation.version);
  if (version === 'none') return replies.badVersion();
  const mayRead = ({ id }: SimulatedProject) => account.projects === null || account.projects.includes(id);
  if (operation.role === 'read' || operation.role === 'owner') {
    const project = world.projects.get(variables[0] ?? '');
    if (!project) return replies.noGroup(variables[0] ?? '');
    if (!mayRead(project)) return replies.noAccess();
    if (operation.role === 'owner' && !account.owner) return replies.notOwner();
  }
  if (operation.role === 'org' && account.projects !== null) return replies.noOrgAccess();
  const limits = operation.bucket === null ? null : buckets.take(operation.bucket, variables[0] ?? account.user);
  if (limits && 'retrySeconds' in limits) {
    return replies.limited(path.slice(1), limits.retrySeconds, limits.capacity, buckets.refillSeconds);
  }
  const told: Record<string, string> = limits
    ? { 'Ratelimit-Limit': String(limits.capacity), 'Ratelimit-Remaining': String(limits.remaining) }
    : {};
  const answered = operation.answer({ world, path: variables, query, mayRead, origin: `${scene.origin}${path}` });
  if ('reply' in answered) return { ...answered.reply, headers: { ...answered.reply.headers, ...told } };
  const type = version === null ? 'application/json' : `application/vnd.atlas.${version}+json;charset=utf-8`;
  const java: Record<string, string> = operation.javaMethod === '' ? {} : { 'X-Java-Method': operation.javaMethod };
  return { status: 200, headers: { 'Content-Type': type, ...java, ...told }, body: JSON.stringify(answered.json) };
}

/** The version that is used for an asked one: any date from the resource's own on. */
function negotiate(accept: string | undefined, version: string): string {
  const asked = /^application\/vnd\.atlas\.(\d{4}-\d{2}-\d{2})\+json$/.exec(accept ?? '')?.[1];
  return asked !== undefined && asked >= version ? version : 'none';
}

function decodeVariable(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
