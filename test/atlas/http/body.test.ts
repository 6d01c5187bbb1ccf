import { expect, test } from 'vitest';
import { parseApiError } from '../../../src/atlas/http/body.ts';

test.each<readonly [string, string, string | null, number]>([
  ['one line', '{"error":404,"errorCode":"GROUP_NOT_FOUND","parameters":["x"]}', 'GROUP_NOT_FOUND', 1],
  ['many lines', '{\n  "error" : 401,\n  "errorCode" : "UNEXPECTED_ERROR"\n}', 'UNEXPECTED_ERROR', 0],
  ['no parameters', '{"errorCode":"RESOURCE_NOT_FOUND","parameters":null}', 'RESOURCE_NOT_FOUND', 0],
  ['a code that is none', '{"errorCode":"x y\\nz"}', null, 0],
  ['a proxy', '<html>503</html>', null, 0],
  ['nothing', '', null, 0],
  ['a number', '7', null, 0],
])('the body of an error: %s', (_name, body, errorCode, parameters) => {
  const parsed = parseApiError(Buffer.from(body));
  expect([parsed.errorCode, parsed.parameters.length]).toEqual([errorCode, parameters]);
});
