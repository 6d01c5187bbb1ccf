/** What can go wrong with one command, so that people test their own route of alerts against the simulator. */
import { effects, type Faults } from '../faults.ts';
import type { Simulator } from '../simulator.ts';
import type { AtlasWorld } from '../world/atlas-world.ts';
import type { SimulatedCluster, SimulatedConnection } from '../world/model.ts';

interface Stage {
  readonly world: AtlasWorld;
  readonly faults: Faults;
  /** Called to undo the scene. */
  after(undo: () => void): void;
}

interface Scene {
  readonly words: string;
  play(stage: Stage): void;
}

const gone = 'Interface endpoint was not found.';

const scenes: Readonly<Record<string, Scene>> = {
  'failed-link': {
    words: 'a connection fails with an error message',
    play({ world, after }) {
      const connection = firstConnection(world);
      const { status, errorMessage } = connection;
      world.setStatus(connection, 'FAILED');
      world.setErrorMessage(connection, 'The endpoint service could not be created: quota exceeded.');
      after(() => {
        world.setErrorMessage(connection, errorMessage);
        world.setStatus(connection, status);
      });
    },
  },
  'rejected-endpoint': {
    words: 'an interface endpoint is rejected',
    play({ world, after }) {
      const endpoint = firstConnection(world).interfaceEndpoints[0];
      if (!endpoint) throw new SceneError('No connection has an interface endpoint');
      const { status, errorMessage } = endpoint;
      world.setStatus(endpoint, 'REJECTED');
      world.setErrorMessage(endpoint, gone);
      after(() => {
        world.setErrorMessage(endpoint, errorMessage);
        world.setStatus(endpoint, status);
      });
    },
  },
  'removed-link': {
    words: 'a connection is removed, and comes back in no other scene',
    play: ({ world }) => world.removeConnection(firstConnection(world)),
  },
  'removed-cluster': {
    words: 'a cluster is removed, and comes back in no other scene',
    play: ({ world }) => world.removeCluster(firstCluster(world)),
  },
  'lost-string': {
    words: 'a cluster loses its private connection string',
    play({ world, after }) {
      const cluster = firstCluster(world);
      world.withholdStrings(cluster, true);
      after(() => world.withholdStrings(cluster, false));
    },
  },
  'revoked-key': refusal('Atlas refuses the key', 401, 'UNEXPECTED_ERROR'),
  'ip-access-list': refusal('the address is not on the API access list', 403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST'),
  'missing-role': refusal('the key lost its role', 403, 'USER_UNAUTHORIZED'),
  'rate-limit': refusal('Atlas limits the requests', 429, 'RATE_LIMITED'),
  outage: refusal('Atlas answers with 503', 503, 'UNEXPECTED_ERROR'),
};

function refusal(words: string, status: number, errorCode: string): Scene {
  return {
    words,
    play({ faults, after }) {
      const fault = faults.add(effects.error(status, errorCode));
      after(() => fault.end());
    },
  };
}

/** A scene that there is not, or that cannot be played now. */
export class SceneError extends Error {
  override readonly name = 'SceneError';
}

export interface Scenes {
  /** One line for each scene. */
  readonly list: string;
  /** Plays a scene, and resolves what it is; `calm` undoes all that can be undone. Throws a SceneError. */
  play(name: string): string;
}

export function createScenes({ world, faults }: Pick<Simulator, 'world' | 'faults'>): Scenes {
  let undo: (() => void)[] = [];
  const names = [...Object.keys(scenes), 'calm'];
  return {
    list: [...Object.entries(scenes).map(([name, { words }]) => `${name}: ${words}`), 'calm: ends every scene'].join(
      '\n',
    ),
    play(name) {
      if (name === 'calm') {
        for (const step of undo.toReversed()) step();
        undo = [];
        return 'every scene has ended';
      }
      const scene = Object.hasOwn(scenes, name) ? scenes[name] : undefined;
      if (!scene) throw new SceneError(`There is no scene ${JSON.stringify(name)}: there are ${names.join(', ')}`);
      scene.play({ world, faults, after: (step) => void undo.push(step) });
      return scene.words;
    },
  };
}

function firstConnection(world: AtlasWorld): SimulatedConnection {
  const [connection] = [...world.projects.values()].flatMap(({ connections }) => [...connections.values()]);
  if (!connection) throw new SceneError('No connection is left');
  return connection;
}

function firstCluster(world: AtlasWorld): SimulatedCluster {
  const [cluster] = [...world.projects.values()].flatMap(({ clusters }) => [...clusters.values()]);
  if (!cluster) throw new SceneError('No cluster is left');
  return cluster;
}
