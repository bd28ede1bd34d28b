// Random numbers that a seed repeats.
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  // 32 bits (mulberry32).
  bits() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  below(bound) {
    return this.bits() % bound;
  }

  oneIn(bound) {
    return this.below(bound) === 0;
  }

  pick(choices) {
    return choices[this.below(choices.length)];
  }

  list(most, make) {
    return Array.from({length: this.below(most + 1)}, make);
  }
}
