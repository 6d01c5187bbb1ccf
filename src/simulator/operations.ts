/** The table of simulated operations: path, version, role, bucket, and answer. */
import { replies } from './errors.ts';
import { lookupOperations } from './lookup-operations.ts';
import { id, json, type Operation, type OperationCall, pathPattern, projectOf, v2 } from './operation.ts';
import { toPage } from './paging.ts';
import { stringsOf } from './world/clusters.ts';
import type { OtherEndpoint, OtherKind } from './world/model.ts';
import { clouds, type SimulatedConnection } from './world/model.ts';
import { otherKinds } from './world/other-kinds.ts';
import { clusterAnswer, endpointService, group, interfaceEndpoint, managedString, v1Connection } from './world/wire.ts';

const services = `${v2}/groups/${id}/privateEndpoint/(AWS|AZURE|GCP)/endpointService`;
const resource = 'ApiAtlasPrivateEndpointResource';

export const operations: readonly Operation[] = [
  {
    name: 'v1.list',
    pattern: pathPattern(`/api/atlas/v1\\.0/groups/${id}/privateEndpoint`),
    version: '',
    role: 'owner',
    bucket: null,
    javaMethod: '',
    answer: (asked) => json(connectionsOf(asked, 'AWS').map(v1Connection)),
  },
  {
    name: 'v2.list',
    pattern: pathPattern(services),
    version: '2023-01-01',
    role: 'read',
    bucket: 'privateEndpoint',
    javaMethod: `${resource}::getEndpointServices`,
    answer: (asked) => json(connectionsOf(asked, asked.path[1]).map(endpointService)),
  },
  {
    name: 'v2.service',
    pattern: pathPattern(`${services}/${id}`),
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
    pattern: pathPattern(`${services}/${id}/endpoint/([^/]+)`),
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
  ...lookupOperations,
  ...(Object.keys(otherKinds) as OtherKind[]).flatMap((kind) => [listOf(kind), oneOf(kind)]),
  {
    name: 'v2.clusters',
    pattern: pathPattern(`${v2}/groups/${id}/clusters`),
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
    name: 'v2.managedStrings',
    pattern: pathPattern(`${v2}/groups/${id}/clusters/([^/]+)/privateEndpointConnectionStrings`),
    version: 'preview',
    role: 'read',
    bucket: 'managedStrings',
    javaMethod: 'ApiAtlasPrivateEndpointConnectionStringResource::getAll',
    answer(asked) {
      const [, name = ''] = asked.path;
      const project = projectOf(asked);
      if (!project?.managedStrings) return { reply: replies.notOptedIn() };
      const cluster = project.clusters.find((one) => one.name === name);
      if (!cluster) return { reply: replies.noCluster(project.id, name) };
      return toPage(asked, cluster.managed, (string) => managedString(cluster, string));
    },
  },
  {
    name: 'v2.groups',
    pattern: pathPattern(`${v2}/groups`),
    version: '2023-01-01',
    role: 'any',
    bucket: 'groups',
    javaMethod: 'ApiAtlasGroupsResource::getAllGroups',
    answer: (asked) => toPage(asked, [...asked.world.projects.values()].filter(asked.mayRead), group),
  },
  {
    name: 'v2.orgGroups',
    pattern: pathPattern(`${v2}/orgs/${id}/groups`),
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
    pattern: pathPattern(`${v2}/groups/${id}`),
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
    pattern: pathPattern(`${v2}/groups/${id}${list}`),
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
    pattern: pathPattern(`${v2}/groups/${id}${list}/${idPattern}`),
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
