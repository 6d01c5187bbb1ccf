import { describe, expect, test } from 'vitest';
import { toAtlasError } from '../../../src/atlas/error.ts';
import { proxiesOf, proxyPeer } from '../../../src/atlas/http/proxies.ts';

describe('proxies', () => {
  test.each<readonly [string, Record<string, string>, string | null, string]>([
    ['none', {}, null, ''],
    ['empty', { HTTPS_PROXY: ' ' }, null, ''],
    ['one', { HTTPS_PROXY: 'http://p:3128', NO_PROXY: 'a,b' }, 'http://p:3128', 'a,b'],
    ['lower case first', { HTTPS_PROXY: 'http://p', https_proxy: 'http://q' }, 'http://q', ''],
    ['https before http', { http_proxy: 'http://p', HTTPS_PROXY: 'http://q' }, 'http://q', ''],
    ['http for want of https', { HTTP_PROXY: 'http://p' }, 'http://p', ''],
    ['without a scheme', { HTTPS_PROXY: 'proxy.test:3128' }, 'http://proxy.test:3128', ''],
    ['with a login', { HTTPS_PROXY: 'https://u:p%40@p' }, 'https://u:p%40@p', ''],
  ])('%s', (_name, env, url, except) => {
    expect(proxiesOf(env)).toMatchObject({ url, except });
  });

  test.each<readonly [Record<string, string>, object | null]>([
    [{}, null],
    [{ HTTPS_PROXY: 'http://u:p@proxy.test:3128' }, { variable: 'HTTPS_PROXY', host: 'proxy.test', port: 3128 }],
    [{ http_proxy: 'https://[::1]' }, { variable: 'HTTP_PROXY', host: '::1', port: 443 }],
    [{ HTTPS_PROXY: '://' }, null],
  ])('%j is at %j', (env, peer) => {
    expect(proxyPeer(env)).toEqual(peer);
  });

  test.each(['http://user:marked-secret@[', 'ftp://user:marked-secret@p', '://'])('%s is none', (text) => {
    let told = '';
    try {
      proxiesOf({ HTTPS_PROXY: text });
    } catch (thrown) {
      const { reason, detail, remedy } = toAtlasError(thrown);
      told = `${reason} ${detail} ${remedy}`;
    }
    expect(told).toContain('network HTTPS_PROXY is not the address of a proxy');
    expect(told).not.toContain('marked-secret');
  });
});
