/** Pseudo-random numbers: the same seed gives the same world again. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  hex(digits: number): string;
}

/** Splitmix32: one addition and two mixing rounds per number. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const word = () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  const next = () => word() / 2 ** 32;
  return {
    next,
    hex(digits) {
      let text = '';
      while (text.length < digits) text += word().toString(16).padStart(8, '0');
      return text.slice(0, digits);
    },
  };
}
