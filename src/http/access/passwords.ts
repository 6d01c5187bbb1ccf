import { createHmac, randomBytes } from 'node:crypto';
import { createTurns } from './turns.ts';

export type Verdict = 'right' | 'wrong' | 'busy';

export interface Passwords {
  /**
   * Checks a password for whoever asks from `remote`. `busy` when too many wait for a check, or when `gone` says that
   * nobody waits for this one any more.
   */
  check(user: string, password: string, remote: string, gone?: () => boolean): Promise<Verdict>;
}

export interface PasswordsOptions {
  /** bcrypt hashes by user name, as they are now. */
  readonly users: () => ReadonlyMap<string, string>;
  /** Compares a password with a hash: a tenth of a second of another thread. */
  readonly verify: (password: string, hash: string) => Promise<boolean>;
}

/**
 * Passwords that may wait for their check. At a tenth of a second each, the last one of an address waits three seconds,
 * which is less than the time that a scrape may take.
 */
const waiting = { most: 128, mostOfOne: 32 };
/** Right passwords that are remembered: one for each user is enough, but the number of users has no bound. */
const mostKnown = 1_000;

/**
 * Checks one password at a time, so that guessing costs no more than one core. Addresses take turns, and nobody who waits is
 * overtaken by another one of the same address. Right passwords are remembered, so that a scrape costs nothing. They are
 * remembered under a key made with a secret of this process, which cannot be computed outside of it. An unknown name takes
 * as long as a known one.
 */
export function createPasswords({ users, verify }: PasswordsOptions): Passwords {
  const secret = randomBytes(32);
  const known = new Set<string>();
  const turns = createTurns(waiting);

  function digest(...parts: readonly string[]): string {
    const hmac = createHmac('sha256', secret);
    // Lengths are part of the text, so that no two lists of parts give the same one.
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest('base64');
  }

  /** A hash for an unknown name, always the same for that name: its cost is as likely as those of known names. */
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
    async check(user, password, remote, gone = () => false) {
      const all = users();
      const hash = all.get(user);
      const key = digest(user, hash ?? '', password);
      if (hash !== undefined && known.has(key)) return 'right';
      if (!(await turns.wait(remote, gone))) return 'busy';
      try {
        // Another one may have shown the same password meanwhile.
        if (hash !== undefined && known.has(key)) return 'right';
        const right = (await verify(password, hash ?? decoy(user, all))) && hash !== undefined;
        if (right) remember(key);
        return right ? 'right' : 'wrong';
      } finally {
        turns.next();
      }
    },
  };
}
