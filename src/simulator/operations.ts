/** Every operation that is simulated: its path, its version, who may, from which bucket, and what it answers. */

import { type Reply, replies } from './errors.ts';
import type { AtlasWorld } from './world/atlas-world.ts';
import type { OtherKind } from './world/model.ts';
import { clouds, type SimulatedConnection, type SimulatedProject } from './world/model.ts';
import { otherKinds } from './world/other-kinds.ts';
import { endpointService, group, interfaceEndpoint, v1Connection } from './world/wire.ts';

export interface OperationCall {
  readonly world: AtlasWorld;
  /** The path's variables, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** Whom the asker may see. */
  mayRead(project: SimulatedProject): boolean;
  readonly origin: string;
}

/** A body to be sent as JSON, or a whole reply. */
type Answered = { readonly json: unknown } | { readonly reply: Reply };

export interface Operation {
  readonly name: string;
  /** Matches the path before anything in it is decoded. */
  readonly pattern: RegExp;
  /** '' for v1.0, which has no versions. */
  readonly version: string;
  readonly role: 'read' | 'owner' | 'any' | 'org';
  /** null: no bucket, and no headers that tell of one. */
  readonly bucket: string | null;
  readonly javaMethod: string;
  answer(asked: OperationCall): Answered;
}

const id = '([0-9a-f]{24})';
const v2 = '/api/atlas/v2';
const services = `${v2}/groups/${id}/privateEndpoint/(AWS|AZURE|GCP)/endpointService`;
const resource = 'ApiAtlasPrivateEndpointResource';

export const operations: readonly Operation[] = [
  {
    name: 'v1.list',
    pattern: path(`/api/atlas/v1\\.0/groups/${id}/privateEndpoint`),
    version: '',
    role: 'owner',
    bucket: null,
    javaMethod: '',
    answer: (asked) => json(connectionsOf(asked, 'AWS').map(v1Connection)),
  },
  {
    name: 'v2.list',
    pattern: path(services),
    version: '2023-01-01',
    role: 'read',
    bucket: 'privateEndpoint',
    javaMethod: `${resource}::getEndpointServices`,
    answer: (asked) => json(connectionsOf(asked, asked.path[1]).map(endpointService)),
  },
  {
    name: 'v2.service',
    pattern: path(`${services}/${id}`),
    version: '2023-01-01',
    role: 'read',
    bucket: 'privateEndpoint',
    javaMethod: `${resource}::getEndPointService`,
    answer(asked) {
      const found = serviceOf(asked);
      return found ? json(endpointService(found)) : { reply: replies.noService(asked.path[2] ?? '') };
    },
  },
  {
    name: 'v2.endpoint',
    pattern: path(`${services}/${id}/endpoint/([^/]+)`),
    version: '2023-01-01',
    role: 'read',
    bucket: 'privateEndpoint',
    javaMethod: `${resource}::getInterfaceEndpoint`,
    answer(asked) {
      const service = serviceOf(asked);
      const found = service?.interfaceEndpoints.find((endpoint) => sameId(endpoint.id, asked.path[3] ?? '', service));
      return service && found
        ? json(interfaceEndpoint(found, service))
        : { reply: replies.noService(asked.path[3] ?? '') };
    },
  },
  {
    name: 'v2.regionalMode',
    pattern: path(`${v2}/groups/${id}/privateEndpoint/regionalMode`),
    version: '2023-01-01',
    role: 'read',
    bucket: 'privateEndpoint',
    javaMethod: `${resource}::getRegionalMode`,
    answer: (asked) => json({ enabled: projectOf(asked)?.regionalMode ?? false }),
  },
  ...(Object.keys(otherKinds) as OtherKind[]).map(other),
  {
    name: 'v2.groups',
    pattern: path(`${v2}/groups`),
    version: '2023-01-01',
    role: 'any',
    bucket: 'groups',
    javaMethod: 'ApiAtlasGroupsResource::getAllGroups',
    answer: (asked) => json(page(asked, [...asked.world.projects.values()].filter(asked.mayRead), group)),
  },
  {
    name: 'v2.orgGroups',
    pattern: path(`${v2}/orgs/${id}/groups`),
    version: '2023-01-01',
    role: 'org',
    bucket: 'orgs',
    javaMethod: 'ApiAtlasOrganizationsResource::getGroups',
    answer(asked) {
      const mine = [...asked.world.projects.values()].filter(({ orgId }) => orgId === asked.path[0]);
      return json(page(asked, mine, group));
    },
  },
  {
    name: 'v2.group',
    pattern: path(`${v2}/groups/${id}`),
    version: '2023-01-01',
    role: 'read',
    bucket: 'groups',
    javaMethod: 'ApiAtlasGroupsResource::getGroup',
    answer(asked) {
      const found = projectOf(asked);
      return found ? json(group(found)) : { reply: replies.noGroup(asked.path[0] ?? '') };
    },
  },
];

function other(kind: OtherKind): Operation {
  const { path: list, write, version, role, bucket } = otherKinds[kind];
  return {
    name: `v2.${kind}`,
    pattern: path(`${v2}/groups/${id}${list}`),
    version,
    role,
    bucket,
    javaMethod: `ApiAtlas${kind}::list`,
    answer(asked) {
      const [, cloud] = asked.path;
      const all = projectOf(asked)?.otherEndpoints ?? [];
      const mine = all.filter(
        (endpoint) => endpoint.kind === kind && (cloud === undefined || endpoint.cloud === cloud),
      );
      return json(page(asked, mine, write));
    },
  };
}

/** One page in Atlas' envelope; the links name this server's own origin. */
function page<T>({ query, origin }: OperationCall, all: readonly T[], write: (item: T) => object): object {
  const perPage = Math.min(500, Math.max(1, Number(query.get('itemsPerPage') ?? 100) || 100));
  const number = Math.max(1, Number(query.get('pageNum') ?? 1) || 1);
  const results = all.slice((number - 1) * perPage, number * perPage);
  const link = (rel: string, pageNum: number) => ({
    href: `${origin}?itemsPerPage=${perPage}&pageNum=${pageNum}`,
    rel,
  });
  const links = [link('self', number), ...(number * perPage < all.length ? [link('next', number + 1)] : [])];
  return { links, results: results.map(write), totalCount: all.length };
}

function json(value: unknown): Answered {
  return { json: value };
}

function path(source: string): RegExp {
  return new RegExp(`^${source}$`);
}

function projectOf({ world, path: [projectId = ''] }: OperationCall): SimulatedProject | undefined {
  return world.projects.get(projectId);
}

function connectionsOf(asked: OperationCall, cloud: string | undefined): readonly SimulatedConnection[] {
  const known = clouds.find((name) => name === cloud);
  return projectOf(asked)?.connections.filter((connection) => connection.cloud === known) ?? [];
}

function serviceOf(asked: OperationCall): SimulatedConnection | undefined {
  return connectionsOf(asked, asked.path[1]).find((connection) => connection.id === asked.path[2]);
}

/** Azure's ids are compared without regard to case. */
function sameId(a: string, b: string, { cloud }: SimulatedConnection): boolean {
  return cloud === 'AZURE' ? a.toLowerCase() === b.toLowerCase() : a === b;
}
