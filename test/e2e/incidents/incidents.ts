/** Thirteen incidents of links: each with a part of the stage of its own, what fires before it, and what has to fire because of it. */

import { replies } from '../../../src/simulator/errors.ts';
import { effects } from '../../../src/simulator/faults.ts';
import { demoKeys } from '../../../src/simulator/simulator.ts';
import type {
  SimulatedConnection,
  SimulatedInterfaceEndpoint,
  SimulatedProject,
} from '../../../src/simulator/world/model.ts';
import type { Stage } from './stage.ts';

export interface Expected {
  /** Without `AtlasPrivateEndpoint`. */
  readonly alert: string;
  readonly severity: 'critical' | 'warning' | 'info';
  /** Labels that it has, among others. */
  readonly labels: Readonly<Record<string, string>>;
  /** What its description says, among other things. */
  readonly text?: string;
}

export interface Incident {
  readonly name: string;
  readonly job: string;
  /** The id of its project, where the job has several. */
  readonly project?: string;
  readonly before?: readonly Expected[];
  readonly expected: readonly Expected[];
  /** How often a pager rings because of it, unless for each alert that is expected. */
  readonly rings?: number;
  strike(): Promise<void> | void;
}

const message = 'Interface endpoint vpce-0123456789abcdef0 was not found.';
const rewordedMessages = 12;

function of({ id, orgId }: SimulatedProject, further: Readonly<Record<string, string>> = {}) {
  return { atlas_project_id: id, org_id: orgId, ...further };
}
function on(project: SimulatedProject, { id }: SimulatedConnection, interfaceEndpoint?: SimulatedInterfaceEndpoint) {
  const own = interfaceEndpoint ? { interface_endpoint_id: interfaceEndpoint.id } : {};
  return of(project, { connection_id: id, ...own });
}
const failed = (labels: Readonly<Record<string, string>>, text?: string): Expected => ({
  ...{ alert: 'Failed', severity: 'critical', labels },
  ...(text === undefined ? {} : { text }),
});
const hasError = (labels: Readonly<Record<string, string>>, text: string): Expected => ({
  ...{ alert: 'ErrorPresent', severity: 'warning', labels, text },
});

export function inFleet(stage: Stage): readonly Incident[] {
  const { world } = stage.fleet.simulator;
  const project = (name: string) => world.addProject({ name });
  const here = (name: string, of: SimulatedProject, rest: Pick<Incident, 'expected' | 'strike'>): Incident => ({
    ...{ name, job: 'fleet', project: of.id },
    ...rest,
  });

  const creating = project('creating');
  const created = '6123456789abcdef01234567';
  const rejecting = project('rejecting');
  const rejectingConnection = world.addConnection(rejecting);
  const rejected = world.attach(rejectingConnection, { status: 'PENDING_ACCEPTANCE' });
  const failing = project('failing');
  const failingConnection = world.addConnection(failing);
  const removing = project('removing');
  const removed = world.addConnection(removing);
  world.attach(removed);
  const azure = project('azure');
  const azureConnection = world.addConnection(azure, { cloud: 'AZURE' });
  const azureEndpoint = world.attach(azureConnection);
  // Nothing happens to it: the dashboards show its members.
  world.attach(world.addConnection(project('google'), { cloud: 'GCP', portMapped: true }));

  return [
    here('stuck creating', creating, {
      strike: () => void world.addConnection(creating, { id: created, status: 'INITIATING' }),
      expected: [{ alert: 'Stuck', severity: 'warning', labels: of(creating, { connection_id: created }) }],
    }),
    here('rejected', rejecting, {
      strike: () => world.setStatus(rejected, 'REJECTED'),
      expected: [failed(on(rejecting, rejectingConnection, rejected), 'Its status is REJECTED.')],
    }),
    here('failed with message', failing, {
      strike() {
        world.setStatus(failingConnection, 'FAILED');
        world.setErrorMessage(failingConnection, message);
      },
      expected: [failed(on(failing, failingConnection), `Atlas says: "${message}"`)],
    }),
    here('removed', removing, {
      strike: () => world.removeConnection(removed),
      expected: [{ alert: 'Removed', severity: 'critical', labels: on(removing, removed) }],
    }),
    here('Azure endpoint fails', azure, {
      strike() {
        world.setStatus(azureEndpoint, 'FAILED');
        world.setErrorMessage(azureEndpoint, 'The private endpoint connection was removed.');
      },
      expected: [failed(on(azure, azureConnection, azureEndpoint), 'Atlas says: "The private endpoint connection was')],
    }),
  ];
}

export function elsewhere(stage: Stage): readonly Incident[] {
  return [
    messageChangedTwice(stage),
    outage(stage),
    keyRevoked(stage),
    addressNotListed(stage),
    killed(stage),
    projectLeft(stage),
    massRewording(stage),
    cloudBreaks(stage),
  ];
}

function messageChangedTwice(stage: Stage): Incident {
  const { world } = stage.messages.simulator;
  const project = world.addProject({ name: 'messages' });
  const connection = world.addConnection(project, { errorMessage: 'The first one.' });
  return {
    ...{ name: 'message changed twice between two scrapes', job: 'messages' },
    before: [hasError(on(project, connection), 'Atlas says: "The first one.')],
    strike: () =>
      stage.betweenScrapes(async () => {
        for (const [count, text] of ['The second one.', 'The third one.'].entries()) {
          world.setErrorMessage(connection, text);
          await stage.messages.seen(/error_message_changes_total\{.*change="changed"\} (\d+)/, count + 1);
        }
      }),
    expected: [
      {
        ...{ alert: 'ErrorMessageChanged', severity: 'warning', labels: on(project, connection) },
        text: 'Atlas says: "The third one.',
      },
    ],
  };
}

function outage(stage: Stage): Incident {
  const { simulator } = stage.outage;
  const project = simulator.world.addProject({ name: 'outage' });
  simulator.world.addProject({ name: 'outage-too' });
  const connection = simulator.world.addConnection(project, { status: 'FAILED', errorMessage: message });
  return {
    ...{ name: 'Atlas down for long', job: 'outage' },
    before: [failed(on(project, connection), message)],
    strike: async () => await simulator[Symbol.asyncDispose](),
    expected: [{ alert: 'ApiUnreachable', severity: 'critical', labels: {}, text: 'network' }],
  };
}

function keyRevoked(stage: Stage): Incident {
  const { simulator } = stage.revoked;
  simulator.world.addConnection(simulator.world.addProject({ name: 'revoked' }));
  return {
    ...{ name: 'key revoked', job: 'revoked' },
    strike() {
      simulator.faults.add((exchange) => {
        const checked = simulator.digest.check('GET', '/', undefined);
        if ('challenge' in checked) exchange.send(checked.challenge);
      });
    },
    expected: [
      {
        ...{ alert: 'CredentialsRejected', severity: 'critical' },
        labels: { credential: 'main', reason: 'unauthorized' },
        text: 'put the right key or secret',
      },
    ],
  };
}

function addressNotListed(stage: Stage): Incident {
  const { simulator } = stage.unlisted;
  simulator.world.addConnection(simulator.world.addProject({ name: 'unlisted' }));
  return {
    ...{ name: 'IP not listed', job: 'unlisted' },
    strike() {
      simulator.faults.add(effects.reply(replies.notListed('203.0.113.7')), ({ user }) => user !== null);
    },
    expected: [
      {
        ...{ alert: 'IpAccessList', severity: 'critical' },
        labels: { credential: 'main', reason: 'ip_access_list' },
        text: 'Add it there',
      },
    ],
  };
}

function killed(stage: Stage): Incident {
  const { world } = stage.killed.simulator;
  const project = world.addProject({ name: 'killed' });
  const connection = world.addConnection(project);
  const other = world.addConnection(project, { errorMessage: message });
  return {
    ...{ name: 'exporter killed and replaced during a change', job: 'killed' },
    before: [hasError(on(project, other), message)],
    async strike() {
      await stage.killed.kill();
      world.setStatus(connection, 'FAILED');
      await stage.killed.replace();
    },
    expected: [failed(on(project, connection))],
  };
}

function projectLeft(stage: Stage): Incident {
  const { world } = stage.organization.simulator;
  world.addConnection(world.addProject({ name: 'stays' }));
  const project = world.addProject({ name: 'leaves' });
  world.attach(world.addConnection(project));
  return {
    ...{ name: 'project left the organisation', job: 'organization' },
    strike: () => world.removeProject(project),
    expected: [
      {
        ...{ alert: 'ProjectRemoved', severity: 'info' },
        labels: { atlas_project_id: project.id, org_id: demoKeys.orgId },
        text: 'leaves',
      },
    ],
  };
}

function massRewording(stage: Stage): Incident {
  const { world } = stage.mass.simulator;
  const project = world.addProject({ name: 'mass' });
  const connections = Array.from({ length: rewordedMessages }, (_, index) =>
    world.addConnection(project, {
      errorMessage: `Attempt ${index} to reach vpce-0123456789abcde${index % 10} failed.`,
    }),
  );
  return {
    ...{ name: 'mass rewording of all messages', job: 'mass' },
    // Many at once are one alert.
    before: [
      {
        ...{ alert: 'ManyBroken', severity: 'warning', labels: { cloud_provider: 'AWS' } },
        text: `${rewordedMessages} connections and interface endpoints of AWS`,
      },
    ],
    strike() {
      for (const connection of connections) {
        world.reword(connection, connection.errorMessage?.replace(/\d+/, '99') ?? '');
      }
    },
    expected: [],
  };
}

const brokenConnections = 30;
/** In several projects: a notification is of one project, and of none where one alert stands for many. */
function cloudBreaks(stage: Stage): Incident {
  const { world } = stage.cloud.simulator;
  const connections = ['one', 'two', 'three'].flatMap((name) => {
    const project = world.addProject({ name });
    return Array.from({ length: brokenConnections / 3 }, () => {
      const connection = world.addConnection(project);
      return { connection, endpoint: world.attach(connection) };
    });
  });
  return {
    ...{ name: 'one cloud breaks', job: 'cloud', rings: 1 },
    strike() {
      for (const { connection, endpoint } of connections) {
        world.setStatus(connection, 'FAILED');
        world.setErrorMessage(connection, message);
        world.setStatus(endpoint, 'FAILED');
      }
    },
    expected: [{ alert: 'ManyBroken', severity: 'critical', labels: { cloud_provider: 'AWS' }, text: 'of AWS failed' }],
  };
}
