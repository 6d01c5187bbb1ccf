import { createHmac, randomBytes } from 'node:crypto';

export type Verdict = 'right' | 'wrong' | 'busy';

export interface Passwords {
  /** `remote`: who asks; each may have one password looked at. */
  check(user: string, password: string, remote: string): Promise<Verdict>;
}

export interface PasswordsOptions {
  /** bcrypt hashes by user name, as they are now. */
  readonly users: () => ReadonlyMap<string, string>;
  /** Takes a tenth of a second, off the main thread. */
  readonly verify: (password: string, hash: string) => Promise<boolean>;
}

/** How many may wait for their turn, over all. */
const mostWaiting = 16;
/** How many right passwords are remembered: one for each user is enough, but nobody bounds the users. */
const mostKnown = 1_000;

/**
 * Looks at one password at a time, so that guessing costs no more than one core. Right ones are remembered, so that a
 * scrape costs nothing: under a key made with a secret of this process, which nobody can compute or collide outside of
 * it. A name that is not known takes as long as one that is.
 */
export function createPasswords({ users, verify }: PasswordsOptions): Passwords {
  const secret = randomBytes(32);
  const known = new Set<string>();
  const asking = new Set<string>();
  let turn: Promise<unknown> = Promise.resolve();

  function digest(...parts: readonly string[]): string {
    const hmac = createHmac('sha256', secret);
    // With their lengths, so that no two lists of parts are the same text.
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest('base64');
  }

  /** Of nobody in particular, but always the same for a name: its cost is then as likely as those of real names. */
  function decoy(user: string, all: ReadonlyMap<string, string>): string {
    const hashes = [...all.values()];
    return hashes[Buffer.from(digest(user), 'base64').readUInt32BE() % hashes.length] ?? '';
  }

  function remember(key: string): void {
    const [oldest] = known;
    if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest);
    known.add(key);
  }

  return {
    async check(user, password, remote) {
      const all = users();
      const hash = all.get(user);
      const key = digest(user, hash ?? '', password);
      if (hash !== undefined && known.has(key)) return 'right';
      if (asking.has(remote) || asking.size > mostWaiting) return 'busy';
      asking.add(remote);
      try {
        const mine = turn.then(() => verify(password, hash ?? decoy(user, all)));
        turn = mine.catch(() => false);
        const right = (await mine) && hash !== undefined;
        if (right) remember(key);
        return right ? 'right' : 'wrong';
      } finally {
        asking.delete(remote);
      }
    },
  };
}
