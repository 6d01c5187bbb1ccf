import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptsGzip, formatFor } from '../../../src/http/metrics/negotiate.ts';
import { acceptWord } from '../../support/accept.ts';
import { fuzzCases } from '../../support/sizes.ts';

const prometheus2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const prometheus3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,/;q=0.1';
const withProtobuf =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3';

describe('formatFor', () => {
  test.each([
    ['nothing said', undefined, 'text'],
    ['empty', '', 'text'],
    ['curl', '*/*', 'text'],
    ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text'],
    ['Prometheus 2', prometheus2, 'openmetrics'],
    ['Prometheus 3', prometheus3, 'openmetrics'],
    ['Prometheus that would like protobuf', withProtobuf, 'openmetrics'],
    ['an old version of OpenMetrics only', 'application/openmetrics-text;version=0.0.1', 'text'],
    ['OpenMetrics without a version', 'application/openmetrics-text', 'openmetrics'],
    ['a quoted version, in capitals', 'Application/OpenMetrics-Text; Version="1.0.0"', 'openmetrics'],
    ['text liked better', 'application/openmetrics-text;q=0.4, text/plain;q=0.5', 'text'],
    ['both alike, text first', 'text/plain, application/openmetrics-text', 'text'],
    ['both alike, OpenMetrics first', 'application/openmetrics-text, text/plain', 'openmetrics'],
    ['everything better than OpenMetrics', 'application/openmetrics-text;q=0.1, */*', 'text'],
    ['OpenMetrics refused', 'application/openmetrics-text;q=0, */*', 'text'],
    ['OpenMetrics with a quality that is none', 'application/openmetrics-text;q=high', 'text'],
    ['something that we do not have', 'image/png', 'text'],
  ] as const)('%s', (_, accept, format) => {
    expect(formatFor(accept)).toBe(format);
  });

  test('any text has an answer', () => {
    const header = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(acceptWord, fc.string({ maxLength: 3 }))).map((words) => words.join('')),
    );
    fc.assert(
      fc.property(header, (accept) => {
        expect(['text', 'openmetrics']).toContain(formatFor(accept));
      }),
      { numRuns: Math.max(100_000, fuzzCases) },
    );
  }, 180_000);
});

describe('acceptsGzip', () => {
  test.each([
    ['nothing said', undefined, false],
    ['gzip', 'gzip', true],
    ['a list', 'deflate, GZIP;q=0.5, br', true],
    ['its old name', 'x-gzip', true],
    ['anything', '*', true],
    ['refused', 'gzip;q=0', false],
    ['refused in other digits', 'gzip; q=0.000', false],
    ['anything but', 'gzip;q=0, *', false],
    ['anything, of no quality', '*;q=0', false],
    ['others', 'br, zstd', false],
  ])('%s', (_, acceptEncoding, accepted) => {
    expect(acceptsGzip(acceptEncoding)).toBe(accepted);
  });
});
