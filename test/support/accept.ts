/** What stands in the headers that say what a scraper takes, and what a careless or hostile one writes there. */
import fc from 'fast-check';

export const acceptWord = fc.constantFrom(
  'application/openmetrics-text',
  'text/plain',
  '*/*',
  ';',
  ',',
  'q=',
  ';q=',
  '0.5',
  '"',
  '=',
  ' ',
  'gzip',
);
