/** URLs for people. */

/** An address that a browser of this machine can open. */
export function toReachable(address: string): string {
  return address.replace(/^(?:\[::\]|0\.0\.0\.0):/, 'localhost:');
}

/** Where Atlas shows projects to people: its API and its pages have one host. A simulator on loopback has no pages. */
export function toAtlasPages(baseUrl: string): string | null {
  const { protocol, origin } = new URL(baseUrl);
  return protocol === 'https:' ? origin : null;
}
