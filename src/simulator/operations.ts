/** The table of simulated operations: path, version, role, bucket, and answer. */
import { type Reply, replies } from './errors.ts';
import { toPage } from './paging.ts';
import type { AtlasWorld } from './world/atlas-world.ts';
import { stringsOf } from './world/clusters.ts';
import type { OtherEndpoint, OtherKind } from './world/model.ts';
import { clouds, type SimulatedConnection, type SimulatedProject } from './world/model.ts';
import { otherKinds } from './world/other-kinds.ts';
import { clusterAnswer, endpointService, group, interfaceEndpoint, v1Connection } from './world/wire.ts';

export interface OperationCall {
  readonly world: AtlasWorld;
  /** The path's variables, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** Whether the account was added to the project, or sees all. */
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
      return service && found && !found.isUnreadable
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
  ...(Object.keys(otherKinds) as OtherKind[]).flatMap((kind) => [listOf(kind), oneOf(kind)]),
  {
    name: 'v2.clusters',
    pattern: path(`${v2}/groups/${id}/clusters`),
    version: '2024-08-05',
    role: 'read',
    bucket: 'clusters',
    javaMethod: 'ApiAtlasClusterDescriptionResource::getClusters',
    answer(asked) {
      const project = projectOf(asked);
      const when = { now: asked.world.now(), delayMs: asked.world.stringDelayMs };
      return toPage(asked, project?.clusters ?? [], (cluster) =>
        project ? clusterAnswer(project, cluster, stringsOf(project, cluster, when)) : {},
      );
    },
  },
  {
    name: 'v2.groups',
    pattern: path(`${v2}/groups`),
    version: '2023-01-01',
    role: 'any',
    bucket: 'groups',
    javaMethod: 'ApiAtlasGroupsResource::getAllGroups',
    answer: (asked) => toPage(asked, [...asked.world.projects.values()].filter(asked.mayRead), group),
  },
  {
    name: 'v2.orgGroups',
    pattern: path(`${v2}/orgs/${id}/groups`),
    version: '2023-01-01',
    role: 'org',
    bucket: 'orgs',
    javaMethod: 'ApiAtlasOrganizationsResource::getGroups',
    answer(asked) {
      const start = (asked.query.get('name') ?? '').toLowerCase();
      const mine = [...asked.world.projects.values()].filter(
        (project) =>
          project.orgId === asked.path[0] && asked.mayRead(project) && project.name.toLowerCase().startsWith(start),
      );
      return toPage(asked, mine, group);
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

function listOf(kind: OtherKind): Operation {
  const { path: list, write, version, role, bucket } = otherKinds[kind];
  return {
    name: `v2.${kind}`,
    pattern: path(`${v2}/groups/${id}${list}`),
    version,
    role,
    bucket,
    javaMethod: `ApiAtlas${kind}::list`,
    answer: (asked) => toPage(asked, endpointsOf(asked, kind), write),
  };
}

/** One element by itself. Terraform takes a 404 here for "deleted". */
function oneOf(kind: OtherKind): Operation {
  const { path: list, idPattern, write, version, role, bucket } = otherKinds[kind];
  return {
    name: `v2.${kind}.one`,
    pattern: path(`${v2}/groups/${id}${list}/${idPattern}`),
    version,
    role,
    bucket,
    javaMethod: `ApiAtlas${kind}::get`,
    answer(asked) {
      const wanted = asked.path.at(-1) ?? '';
      const found = endpointsOf(asked, kind).find((endpoint) => endpoint.id === wanted);
      return found ? json(write(found)) : { reply: replies.noService(wanted) };
    },
  };
}

/** The endpoints of a kind, of one cloud where the path names it. */
function endpointsOf(asked: OperationCall, kind: OtherKind): readonly OtherEndpoint[] {
  const cloud = clouds.find((name) => name === asked.path[1]);
  const all = projectOf(asked)?.otherEndpoints ?? [];
  return all.filter((endpoint) => endpoint.kind === kind && (cloud === undefined || endpoint.cloud === cloud));
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
