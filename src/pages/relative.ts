/**
 * Makes the links of a page relative to its path, so that they work below any path of a proxy. Parts of a page write links
 * from the root of our routes, such as `/help`; links to a query, to a fragment or to another site stay as they are.
 */
export function toRelativeLinks(html: string, path: string): string {
  const up = '../'.repeat(path.split('/').length - 2) || './';
  // A quote in a text is escaped, so this is an attribute and never a text of Atlas.
  return html.replace(/(\s(?:href|action)=")\/(?!\/)/g, `$1${up}`);
}
