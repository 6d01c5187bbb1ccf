/** Operations of what changes slowly: rows of the table of operations. */
import { replies } from './errors.ts';
import { id, json, type Operation, pathPattern, projectOf, v2 } from './operation.ts';
import { toPage } from './paging.ts';
import { auditEvent, serviceAccount } from './world/wire.ts';

export const lookupOperations: readonly Operation[] = [
  {
    name: 'v2.regionalMode',
    pattern: pathPattern(`${v2}/groups/${id}/privateEndpoint/regionalMode`),
    version: '2023-01-01',
    role: 'read',
    bucket: 'privateEndpoint',
    javaMethod: 'ApiAtlasPrivateEndpointResource::getRegionalMode',
    answer: (asked) => json({ enabled: projectOf(asked)?.regionalMode ?? false }),
  },
  {
    name: 'v2.events',
    pattern: pathPattern(`${v2}/groups/${id}/events`),
    version: '2023-01-01',
    role: 'read',
    bucket: 'events',
    javaMethod: 'ApiAtlasEventsResource::getProjectEvents',
    answer(asked) {
      const types = asked.query.getAll('eventType');
      const since = Date.parse(asked.query.get('minDate') ?? '1970-01-01T00:00:00Z');
      const events = asked.world.audit
        .events(asked.path[0] ?? '')
        .filter(({ type, at }) => at >= since && (types.length === 0 || types.includes(type)));
      return toPage(asked, events, auditEvent);
    },
  },
  {
    name: 'v2.limits',
    pattern: pathPattern(`${v2}/groups/${id}/limits`),
    version: '2023-01-01',
    role: 'read',
    bucket: 'limits',
    javaMethod: 'ApiAtlasGroupLimitsResource::getLimits',
    answer: (asked) => json(projectOf(asked)?.limits ?? []),
  },
  ...(['orgs', 'groups'] as const).map(serviceAccountOf),
];

/** A service account by its organization, or by a project that it was added to. */
function serviceAccountOf(place: 'orgs' | 'groups'): Operation {
  return {
    name: 'v2.serviceAccount',
    pattern: pathPattern(`${v2}/${place}/${id}/serviceAccounts/([^/]+)`),
    version: '2024-08-05',
    role: place === 'orgs' ? 'org' : 'read',
    bucket: 'serviceAccounts',
    javaMethod: 'ApiAtlasServiceAccountResource::getServiceAccount',
    answer({ world, path: [, clientId = ''] }) {
      const secrets = world.secrets.get(clientId);
      return secrets ? json(serviceAccount(clientId, secrets)) : { reply: replies.noResource() };
    },
  };
}
