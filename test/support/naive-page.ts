/** What the page must say of a source, written down from the naive model and the list of families, not from the writer. */
import { seriesOf } from './exposition-parser.ts';
import type { KnownConnection, KnownEndpoint, Model, Told } from './naive-model.ts';
import { serviceNameOf } from './seen.ts';

const connectionStatuses = ['INITIATING', 'WAITING_FOR_USER', 'AVAILABLE', 'FAILED', 'DELETING', 'OTHER'];
const endpointStatuses = [
  'NONE',
  'PENDING_ACCEPTANCE',
  'PENDING',
  'AVAILABLE',
  'REJECTED',
  'DELETING',
  'FAILED',
  'OTHER',
];
const pe = 'mongodb_atlas_private_endpoint';

type Labels = Readonly<Record<string, string>>;
type Add = (name: string, labels: Labels, value: number) => void;

export interface Asked {
  readonly projectId: string;
  readonly credential: string;
  /** Whether the config asks for more than the ids of interface endpoints. */
  readonly details: boolean;
}

/** Value by series; of error_info only which there are. */
export function pageOf(model: Model, { projectId, credential, details }: Asked): Record<string, number> {
  const page: Record<string, number> = {};
  const add: Add = (name, labels, value) => {
    page[seriesOf(name, { atlas_project_id: projectId, kind: 'cluster', cloud_provider: 'AWS', ...labels })] = value;
  };
  add(`${pe}_connections_added_total`, {}, model.added);
  add(`${pe}_connections_removed_total`, {}, model.removed);
  add(`${pe}_interface_endpoints_added_total`, {}, model.endpointsAdded);
  add(`${pe}_interface_endpoints_removed_total`, {}, model.endpointsRemoved);
  add('mongodb_atlas_exporter_source_up', {}, model.up ? 1 : 0);
  add('mongodb_atlas_exporter_source_last_success_timestamp_seconds', {}, (model.lastSuccess ?? 0) / 1000);
  if (model.failure !== null) add('mongodb_atlas_exporter_source_failure', { credential, reason: model.failure }, 1);
  const shown = model.stale ? [] : (model.connections ?? []);
  if (model.connections && !model.stale) {
    for (const status of connectionStatuses) {
      add(`${pe}_connections`, { status }, shown.filter((each) => !each.unreadable && each.status === status).length);
    }
  }
  for (const connection of shown) addConnection(add, model, connection);
  for (const [key, told] of model.told) {
    const [connectionId = '', endpointId] = key.split(' ');
    if (endpointId === undefined) {
      addTold(add, `${pe}_connection`, { connection_id: connectionId }, told, connectionStatuses);
      continue;
    }
    const labels = { connection_id: connectionId, interface_endpoint_id: endpointId };
    const present = model.connections
      ?.find(({ id }) => id === connectionId)
      ?.endpoints.find(({ id }) => id === endpointId);
    const known = present ? present.status !== null : details && model.api !== 'v1.0';
    addTold(add, `${pe}_interface_endpoint`, labels, told, known ? endpointStatuses : null);
  }
  return page;
}

/** What Atlas says of other kinds alone. */
const unsaid = { connection_name: '', vendor: '' };

function addConnection(add: Add, model: Model, known: KnownConnection): void {
  const { id, status, error, endpoints, unreadable, remote } = known;
  const name = `${pe}_connection`;
  const labels = { connection_id: id };
  // One that could never be read has nothing but its id.
  const own = status === null ? {} : { atlas_region: 'US_EAST_1', endpoint_service_name: serviceNameOf(id) };
  const info = { atlas_region: '', endpoint_service_name: '', connection_cloud_provider: 'AWS', ...own, ...unsaid };
  add(`${name}_info`, { ...labels, ...info }, 1);
  for (const endpoint of endpoints) addEndpoint(add, model, id, endpoint);
  if (unreadable) add(`${name}_unreadable`, labels, 1);
  if (!unreadable)
    for (const atlas_region of remote ?? []) add(`${name}_remote_region`, { ...labels, atlas_region }, 1);
  if (unreadable || status === null) return;
  const enough = model.api === 'v1.0' ? endpoints : endpoints.filter((endpoint) => endpoint.status === 'AVAILABLE');
  const waitsWell = status === 'WAITING_FOR_USER' && enough.length > 0;
  const ready = status === 'AVAILABLE' || waitsWell;
  addState(add, name, labels, { status, error, ready, since: model.told.get(id)?.since ?? 0 }, connectionStatuses);
  add(`${name}_interface_endpoints`, labels, endpoints.length);
}

function addEndpoint(
  add: Add,
  model: Model,
  connectionId: string,
  { id, status, error, asked, unreadable }: KnownEndpoint,
): void {
  const name = `${pe}_interface_endpoint`;
  const labels = { connection_id: connectionId, interface_endpoint_id: id };
  add(`${name}_info`, { ...labels, connection_name: '' }, 1);
  if (unreadable) add(`${name}_unreadable`, labels, 1);
  if (unreadable || status === null) return;
  add(`${name}_delete_requested`, labels, asked ? 1 : 0);
  const since = model.told.get(`${connectionId} ${id}`)?.since ?? 0;
  addState(add, name, labels, { status, error, ready: status === 'AVAILABLE', since }, endpointStatuses);
}

interface State {
  readonly status: string;
  readonly error: string | null;
  readonly ready: boolean;
  readonly since: number;
}

function addState(add: Add, name: string, labels: Labels, state: State, statuses: readonly string[]): void {
  for (const status of statuses) add(`${name}_status`, { ...labels, status }, status === state.status ? 1 : 0);
  add(`${name}_status_since_timestamp_seconds`, labels, state.since / 1000);
  add(`${name}_ready`, labels, state.ready ? 1 : 0);
  add(`${name}_error`, labels, state.error === null ? 0 : 1);
  if (state.error !== null) add(`${name}_error_info`, labels, 1);
}

/** `statuses` is null of an interface endpoint that is known by its id only: then only its tombstone is told. */
function addTold(add: Add, name: string, labels: Labels, told: Told, statuses: readonly string[] | null): void {
  if (told.goneAt !== null) add(`${name}_removed_timestamp_seconds`, labels, told.goneAt / 1000);
  if (statuses === null) return;
  for (const change of ['set', 'changed', 'reworded', 'cleared']) {
    add(`${name}_error_message_changes_total`, { ...labels, change }, told.errors[change] ?? 0);
  }
  for (const change of ['set', 'changed', 'cleared']) {
    const at = (told.errorAt[change] ?? 0) / 1000;
    add(`${name}_error_message_last_change_timestamp_seconds`, { ...labels, change }, at);
  }
  for (const status of statuses) add(`${name}_status_changes_total`, { ...labels, status }, told.entered[status] ?? 0);
}
