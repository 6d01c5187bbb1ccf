/** Recorded shapes with invented content, and a way to read a source from given bodies. */
import { readFileSync } from 'node:fs';
import { AtlasError } from '../../src/atlas/error.ts';
import { parseJson } from '../../src/atlas/http/body.ts';
import type { Get } from '../../src/atlas/http/client.ts';
import { readSource } from '../../src/atlas/lists/read.ts';
import type { Visit } from '../../src/atlas/visit.ts';
import { settle } from '../../src/domain/reading.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import type { Source } from '../../src/domain/source.ts';
import { aSource } from '../support/builders.ts';

const folder = new URL('../fixtures/atlas/', import.meta.url);

export const fixture = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
/** One body a line. */
export const fixtureLines = (name: string): string[] => fixture(name).trim().split('\n');

/** What every source is read from: its list, and the answers of its interface endpoints. */
export interface Recorded {
  readonly name: string;
  readonly source: Source;
  readonly list: string;
  readonly details: readonly string[];
}

const cluster = (cloudProvider: 'AWS' | 'AZURE' | 'GCP') => aSource({ cloudProvider });
const [encryptionAtRest = '', backup = ''] = fixtureLines('approved-pages.jsonl');

export const recorded: readonly Recorded[] = [
  { name: 'v1.0', source: aSource({ api: 'v1.0' }), list: fixture('v1-list.json'), details: [] },
  { name: 'AWS, creating', source: cluster('AWS'), list: fixture('aws-list-creating.json'), details: [] },
  { name: 'AWS, available', source: cluster('AWS'), list: fixture('aws-list-available.json'), details: [] },
  ...fixtureLines('aws-endpoints.jsonl').map((detail, index) => ({
    name: `AWS, in use ${index}`,
    source: cluster('AWS'),
    list: fixture('aws-list-in-use.json'),
    details: [detail],
  })),
  { name: 'AWS, failed', source: cluster('AWS'), list: fixture('aws-list-failed.json'), details: [] },
  ...fixtureLines('azure-endpoints.jsonl').map((detail, index) => ({
    name: `AZURE ${index}`,
    source: cluster('AZURE'),
    list: fixture('azure-list.json'),
    details: [detail],
  })),
  {
    name: 'GCP',
    source: cluster('GCP'),
    list: fixture('gcp-list.json'),
    details: fixtureLines('gcp-endpoints.jsonl'),
  },
  {
    name: 'data federation',
    source: aSource({ kind: 'data_federation', cloudProvider: '' }),
    list: fixture('data-federation-page.json'),
    details: [],
  },
  {
    name: 'streams',
    source: aSource({ kind: 'streams', cloudProvider: '' }),
    list: fixture('streams-page.json'),
    details: [],
  },
  {
    name: 'encryption at rest',
    source: aSource({ kind: 'encryption_at_rest', cloudProvider: 'AZURE' }),
    list: encryptionAtRest,
    details: [],
  },
  { name: 'backup', source: aSource({ kind: 'backup', cloudProvider: 'AWS' }), list: backup, details: [] },
];

const bodyOf = (text: string | Uint8Array) => ({ body: Buffer.from(text) });

/** Reads a source whose list and details are these bytes; details are given out in turn, again and again. */
export async function readFrom(
  source: Source,
  list: string | Uint8Array,
  details: readonly (string | Uint8Array)[],
): Promise<Snapshot> {
  let asked = 0;
  const reading = await readSource(source, {
    expectDetails: () => 1,
    async get({ operation }) {
      if (operation === 'list_connections') return parseJson(bodyOf(list), () => 'a file');
      return parseJson(bodyOf(details[asked++ % details.length] ?? ''), () => 'a file');
    },
  });
  return settle(null, reading);
}

export interface Script extends Visit {
  /** The paths that were asked for. */
  readonly asked: string[];
}

/** Answers from a script: a function is called with the request, and may throw `notFound()`. */
export function scripted(answer: (request: Get, count: number) => unknown): Script {
  const asked: string[] = [];
  return {
    asked,
    expectDetails: () => 1,
    async get(request) {
      asked.push(request.path);
      return answer(request, asked.length);
    },
  };
}

export function notFound(): AtlasError {
  const errorCode = 'PRIVATE_ENDPOINT_SERVICE_NOT_FOUND';
  return new AtlasError({
    reason: 'invalid_response',
    detail: `Atlas answered 404 ${errorCode}`,
    status: 404,
    errorCode,
  });
}
