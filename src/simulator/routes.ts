/** The road of a request: token office, operation, authentication, access list, version, existence, role, bucket. */
import type { IncomingMessage } from 'node:http';
import type { Buckets } from './access/buckets.ts';
import type { DigestGate } from './access/digest.ts';
import type { TokenOffice } from './access/tokens.ts';
import type { Account } from './accounts.ts';
import type { Deprecations } from './deprecations.ts';
import { type Reply, replies } from './errors.ts';
import type { Call } from './faults.ts';
import type { Operation } from './operation.ts';
import { operations } from './operations.ts';
import type { AtlasWorld } from './world/atlas-world.ts';
import type { SimulatedProject } from './world/model.ts';

/** A request, and everything that its answer depends on. */
export interface Incoming {
  readonly request: IncomingMessage;
  readonly body: string;
  readonly world: AtlasWorld;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly digest: DigestGate;
  readonly tokens: TokenOffice;
  readonly buckets: Buckets;
  readonly deprecations: Deprecations;
  /** The answer for an organization that does not exist. */
  readonly unknownOrganization: 404 | 401;
  /** The server's own URL, for links. */
  readonly origin: string;
}

/** A request as faults see it, and the answer of Atlas, which is worked out when it is asked for. */
export interface Routed {
  readonly call: Call;
  answer(): Reply;
}

export function route(incoming: Incoming): Routed {
  const { request, body, tokens } = incoming;
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
  const asked = authenticate(incoming, method, target);
  const name = operation?.name ?? 'unknown';
  if ('challenge' in asked) return { call: at('challenge', projectId), answer: () => asked.challenge };
  return {
    call: at(name, projectId, asked.account.user),
    answer: () => {
      if (!operation) return replies.noResource();
      if (method !== 'GET' && method !== 'HEAD') return replies.readOnly();
      return perform(incoming, operation, {
        account: asked.account,
        path,
        variables,
        query: new URLSearchParams(search),
      });
    },
  };
}

function authenticate(
  { request, accounts, digest, tokens }: Incoming,
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

interface Asked {
  readonly account: Account;
  readonly path: string;
  readonly variables: readonly string[];
  readonly query: URLSearchParams;
}

function perform(incoming: Incoming, operation: Operation, asked: Asked): Reply {
  const { account, path, variables, query } = asked;
  if (account.blockedAddress !== null) return replies.notListed(account.blockedAddress);
  const version = operation.version === '' ? null : negotiate(incoming.request.headers.accept, operation.version);
  if (version === 'none') return replies.badVersion();
  const mayRead = ({ id }: SimulatedProject) => account.projects === null || account.projects.includes(id);
  const refused = refuse(incoming, operation, asked, mayRead);
  if (refused) return refused;
  const limits =
    operation.bucket === null ? null : incoming.buckets.take(operation.bucket, variables[0] ?? account.user);
  if (limits && 'retrySeconds' in limits) {
    return replies.limited(path.slice(1), limits.retrySeconds, limits.capacity, incoming.buckets.refillSeconds);
  }
  const told: Record<string, string> = {
    ...(limits && { 'Ratelimit-Limit': String(limits.capacity), 'Ratelimit-Remaining': String(limits.remaining) }),
    ...incoming.deprecations.headersOf(operation.name),
  };
  const answered = operation.answer({
    world: incoming.world,
    path: variables,
    query,
    mayRead,
    origin: incoming.origin + path,
  });
  if ('reply' in answered) return { ...answered.reply, headers: { ...answered.reply.headers, ...told } };
  const type = version === null ? 'application/json' : `application/vnd.atlas.${version}+json;charset=utf-8`;
  const java: Record<string, string> = operation.javaMethod === '' ? {} : { 'X-Java-Method': operation.javaMethod };
  return { status: 200, headers: { 'Content-Type': type, ...java, ...told }, body: JSON.stringify(answered.json) };
}

/** The refusal of an account that may not read what it asks for; null when it may. */
function refuse(
  { world, unknownOrganization }: Incoming,
  { role }: Operation,
  { account, variables: [id = ''] }: Asked,
  mayRead: (project: SimulatedProject) => boolean,
): Reply | null {
  if (role === 'read' || role === 'owner') {
    const project = world.projects.get(id);
    if (!project) return replies.noGroup(id);
    if (!mayRead(project)) return replies.noAccess(account.refusal ?? 401);
    if (role === 'owner' && !account.owner) return replies.notOwner(account.refusal ?? 403);
  }
  if (role === 'org') {
    const exists = id === world.orgId || [...world.projects.values()].some(({ orgId }) => orgId === id);
    if (!exists && unknownOrganization === 404) return replies.noOrganization(id);
    if (!exists || account.organizationRole === 'none') return replies.noOrgAccess(account.refusal ?? 401);
  }
  return null;
}

/** The version that is used for an asked one: any date from the resource's own on; a preview is asked for by that word. */
function negotiate(accept: string | undefined, version: string): string {
  const asked = /^application\/vnd\.atlas\.(\d{4}-\d{2}-\d{2}|preview)\+json$/.exec(accept ?? '')?.[1];
  return asked !== undefined && asked >= version && (asked !== 'preview' || asked === version) ? version : 'none';
}

function decodeVariable(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
