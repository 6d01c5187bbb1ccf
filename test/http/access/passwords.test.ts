import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPasswords } from '../../../src/http/access/passwords.ts';

/** The hash of a password is the password here; every look at one waits until the test lets it end. */
function setUp(users: Record<string, string>) {
  let all = new Map(Object.entries(users));
  const looks: { readonly password: string; readonly hash: string; readonly end: (failed?: Error) => void }[] = [];
  const passwords = createPasswords({
    users: () => all,
    verify: (password, hash) =>
      new Promise((resolve, reject) => {
        looks.push({ password, hash, end: (failed) => (failed ? reject(failed) : resolve(password === hash)) });
      }),
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    looks,
    check: passwords.check,
    change: (next: Record<string, string>) => {
      all = new Map(Object.entries(next));
    },
    turn,
    /** Lets the look that is going on, and those that come after it, end. */
    async run<T>(asked: Promise<T>): Promise<T> {
      const done = asked.then(
        () => true,
        () => true,
      );
      let ended = 0;
      while (!(await Promise.race([done, turn().then(() => false)]))) {
        for (const { end } of looks.slice(ended)) end();
        ended = looks.length;
      }
      return asked;
    },
  };
}

test.each([
  ['alice', 'right', 'right'],
  ['alice', 'wrong', 'wrong'],
  ['nobody', 'right', 'wrong'],
  ['', '', 'wrong'],
])('%s with the %s password is %s', async (user, password, verdict) => {
  const { check, run } = setUp({ alice: 'right' });
  expect(await run(check(user, password, 'a'))).toBe(verdict);
});

describe('looking', () => {
  test('is done once for a right password', async () => {
    const { check, run, looks } = setUp({ alice: 'right' });
    await run(check('alice', 'right', 'a'));
    expect(await check('alice', 'right', 'b')).toBe('right');
    expect(looks).toHaveLength(1);
  });

  test('is done again for a wrong one', async () => {
    const { check, run, looks } = setUp({ alice: 'right' });
    await run(check('alice', 'wrong', 'a'));
    await run(check('alice', 'wrong', 'a'));
    expect(looks).toHaveLength(2);
  });

  test('is done for a name that is not known, too', async () => {
    const { check, run, looks } = setUp({ alice: 'right' });
    expect(await run(check('nobody', 'right', 'a'))).toBe('wrong');
    expect(looks.map(({ hash }) => hash)).toEqual(['right']);
    expect(await run(check('nobody', 'right', 'a'))).toBe('wrong');
  });

  test('is done again when the password was changed', async () => {
    const { check, run, change } = setUp({ alice: 'right' });
    await run(check('alice', 'right', 'a'));
    change({ alice: 'other' });
    expect(await run(check('alice', 'right', 'a'))).toBe('wrong');
    change({ bob: 'right' });
    expect(await run(check('alice', 'right', 'a'))).toBe('wrong');
  });

  test('happens one at a time', async () => {
    const { check, looks, turn } = setUp({ alice: 'right' });
    const first = check('alice', 'wrong', 'a');
    const second = check('alice', 'right', 'b');
    await turn();
    expect(looks).toHaveLength(1);
    looks[0]?.end();
    expect(await first).toBe('wrong');
    await turn();
    looks[1]?.end();
    expect(await second).toBe('right');
  });

  test('that fails is told, and hinders nobody after it', async () => {
    const { check, looks, turn, run } = setUp({ alice: 'right' });
    const first = check('alice', 'right', 'a');
    await turn();
    looks[0]?.end(new Error('No memory'));
    await expect(first).rejects.toThrow('No memory');
    expect(await run(check('alice', 'right', 'a'))).toBe('right');
  });
});

describe('waiting', () => {
  test('is never for those who are known', async () => {
    const { check, run } = setUp({ alice: 'right' });
    await run(check('alice', 'right', 'a'));
    const guesses = Array.from({ length: 30 }, (_, index) => check('alice', 'wrong', `remote ${index}`));
    expect(await check('alice', 'right', 'b')).toBe('right');
    await run(Promise.all(guesses));
  });

  test('behind guessers at the same address ends with their passwords, however often they come back', async () => {
    const { check, looks, turn } = setUp({ alice: 'right' });
    let guessing = true;
    const guesser = async (): Promise<void> => {
      while (guessing) await check('alice', 'wrong', 'proxy');
    };
    const guessers = Promise.all([guesser(), guesser(), guesser()]);
    const asked = check('alice', 'right', 'proxy');
    for (let ended = 0; ended < 4; ended += 1) {
      await turn();
      looks[ended]?.end();
    }
    expect(await asked).toBe('right');
    guessing = false;
    for (let ended = 4; ended < 8; ended += 1) {
      await turn();
      looks[ended]?.end();
    }
    await guessers;
  });

  test('for what another one showed meanwhile needs no second look', async () => {
    const { check, run, looks } = setUp({ alice: 'right' });
    const both = Promise.all([check('alice', 'right', 'a'), check('alice', 'right', 'a')]);
    expect(await run(both)).toEqual(['right', 'right']);
    expect(looks).toHaveLength(1);
  });

  test('that nobody waits for any more takes no turn', async () => {
    const { check, run, looks } = setUp({ alice: 'right' });
    const first = check('alice', 'wrong', 'a');
    const left = check('alice', 'wrong', 'a', () => true);
    expect(await run(first)).toBe('wrong');
    expect(await left).toBe('busy');
    expect(looks).toHaveLength(1);
  });
});

test('no other name and password is taken for a right one that is known', async () => {
  const { check, run } = setUp({ ab: 'cd', abc: 'd' });
  await run(check('ab', 'cd', 'a'));
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.string(), async (user, password) => {
      const right = (user === 'ab' && password === 'cd') || (user === 'abc' && password === 'd');
      expect(await run(check(user, password, 'a'))).toBe(right ? 'right' : 'wrong');
    }),
    {
      numRuns: 300,
      examples: [
        ['a', 'bcd'],
        ['abcd', ''],
        ['abc', 'd'],
        ['ab', 'cd\0'],
      ],
    },
  );
});
