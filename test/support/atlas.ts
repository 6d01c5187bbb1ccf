import { type Atlas, type AtlasOptions, createAtlas } from '../../src/atlas/atlas.ts';
import { toAtlasError } from '../../src/atlas/error.ts';
import { demoKeys, type Simulator } from '../../src/simulator/simulator.ts';

export interface ObservedRequest {
  readonly operation: string;
  readonly code: number | 'none';
}

/** The adapter against a simulator, with short times; `seen` gathers what it observed. */
export function atlasFor(
  { url }: Pick<Simulator, 'url'>,
  overrides: Partial<AtlasOptions> = {},
  seen: ObservedRequest[] = [],
): Atlas {
  return createAtlas({
    baseUrl: url,
    // Ten times what a busy machine needs; tests of deadlines bring their own.
    timeoutMs: 20_000,
    retries: 2,
    concurrency: 20,
    authorities: '',
    credentials: [digestCredential()],
    userAgent: 'atlas-private-endpoint-exporter/1.2.3 (linux;x64)',
    env: {},
    clock: { wall: () => Date.now(), monotonic: () => performance.now() },
    observer: { request: ({ operation, code }) => void seen.push({ operation, code }) },
    ...overrides,
  });
}

export function digestCredential(password = demoKeys.privateKey as string, name = 'main') {
  return { name, type: 'digest' as const, user: () => demoKeys.publicKey, password: () => password };
}

export function serviceAccountCredential(secret = demoKeys.clientSecret as string, name = 'main') {
  return { name, type: 'serviceAccount' as const, user: () => demoKeys.clientId, password: () => secret };
}

/** The reason why something failed, or 'nothing' when it did not. */
export async function reasonOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing',
    (thrown) => toAtlasError(thrown).reason,
  );
}

export const how = (deadlineMs = 60_000) => ({
  signal: new AbortController().signal,
  deadlineMs: () => deadlineMs,
});
