import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configPart, type InForce, webPart } from '../../src/app/reload-parts.ts';
import type { Config } from '../../src/config/exporter/config.ts';
import { type Loaded, loadConfig } from '../../src/config/exporter/load.ts';
import { loadWebConfig } from '../../src/config/web/web.ts';
import type { WebSettings } from '../../src/domain/protection.ts';
import { simulatorConfig } from '../support/daemon.ts';

type Line = readonly [level: string, fields: object, message: string];
let folder: string;
let lines: Line[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parts-'));
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (level: string) => (fields: object, message: string) => void lines.push([level, fields, message]);
const log = {
  ...{ trace: write('trace'), debug: write('debug'), info: write('info'), warn: write('warn') },
  ...{ error: write('error'), fatal: write('fatal'), dropped: () => 0, end: async () => true },
};

describe('the config', () => {
  const file = () => join(folder, 'exporter.yaml');
  const yaml = (more = '') => simulatorConfig('http://127.0.0.1:9', ['5df264b8f10fab7d2cad2f0d'], `poll: {}\n${more}`);
  const load = () => loadConfig({ file: file(), env: {}, cwd: folder, checkSchedule: () => null });

  async function setUp(put: (config: Config) => { added: number; removed: number }) {
    writeFileSync(file(), yaml());
    const loaded = (await load()) as Extract<Loaded, { ok: true }>;
    const inForce: InForce = { config: loaded.config };
    const part = configPart({ loaded, inForce, load, overruled: (config) => config, put, log });
    return { inForce, part, before: loaded.config };
  }

  test('that is good is put into effect, is in force from then on, and is told', async () => {
    const puts: Config[] = [];
    const { inForce, part } = await setUp((config) => {
      puts.push(config);
      return { added: 1, removed: 2 };
    });
    writeFileSync(file(), yaml('metrics: {staleAfter: 1h}'));
    expect((await part.attempt()).result).toEqual({ ok: true });
    expect(inForce.config.metrics.staleAfterMs).toBe(3_600_000);
    expect(puts).toEqual([inForce.config]);
    expect(lines).toEqual([['info', { added: 1, removed: 2 }, 'Config reloaded']]);
  });

  test.each([
    ['cannot be read', 'projects: [', /is not YAML/],
    ['needs a restart', yaml('state: {changesKept: 5}'), /^state.changesKept changed: this needs a restart$/],
  ])('that %s is not put into effect, and is told as a failure', async (_name, text, problems) => {
    const { inForce, part, before } = await setUp(() => {
      throw new Error('Not to be called');
    });
    writeFileSync(file(), text);
    expect((await part.attempt()).result).toEqual({ ok: false, problems: expect.stringMatching(problems) });
    expect(inForce.config).toBe(before);
    expect(lines).toEqual([['error', { problems: expect.stringMatching(problems) }, 'Config not reloaded']]);
  });

  test('that fails half-way, by a defect, is taken back', async () => {
    const puts: Config[] = [];
    const { inForce, part, before } = await setUp((config) => {
      puts.push(config);
      if (config !== before) throw new Error('a defect');
      return { added: 0, removed: 0 };
    });
    expect((await part.attempt()).result).toEqual({ ok: false, problems: 'Unexpected error: a defect' });
    expect(puts.at(-1)).toBe(before);
    expect(inForce.config).toBe(before);
    expect(lines).toMatchObject([['error', { err: { message: 'a defect' } }, 'Config not reloaded']]);
  });
});

describe('the web config', () => {
  function setUp(refusal: string | null = null) {
    const put = (text: string) => writeFileSync(join(folder, 'web.yaml'), text);
    put('http_server_config: {headers: {X-Frame-Options: deny}}\n');
    const loaded = loadWebConfig('web.yaml', folder);
    if (!loaded.ok) throw new Error('Not loaded');
    const taken: WebSettings[] = [];
    const reconfigure = (web: WebSettings) => {
      if (refusal !== null) return { ok: false, problem: refusal } as const;
      taken.push(web);
      return { ok: true } as const;
    };
    return { put, taken, part: webPart({ file: 'web.yaml', cwd: folder, loaded, reconfigure, log }) };
  }

  test('that is good is taken and told', async () => {
    const { put, taken, part } = setUp();
    put('http_server_config: {headers: {X-Frame-Options: sameorigin}}\n');
    expect((await part.attempt()).result).toEqual({ ok: true });
    expect(taken).toMatchObject([{ headers: { 'X-Frame-Options': 'sameorigin' } }]);
    expect(lines).toEqual([['info', { file: 'web.yaml' }, 'Web config reloaded']]);
  });

  test('that is wrong changes nothing, and is told', async () => {
    const { put, taken, part } = setUp();
    put('basic_auth_users: {}\n');
    expect((await part.attempt()).result).toEqual({ ok: false, problems: expect.stringContaining('names nobody') });
    expect(taken).toEqual([]);
    expect(lines).toEqual([
      ['error', { problems: expect.stringContaining('names nobody') }, 'Web config not reloaded'],
    ]);
  });

  test('that only a restart can bring is told so', async () => {
    const { part } = setUp('To turn TLS on or off, restart');
    expect((await part.attempt()).result).toEqual({
      ok: false,
      problems: 'The config (web.yaml) was not taken: To turn TLS on or off, restart',
    });
  });
});
