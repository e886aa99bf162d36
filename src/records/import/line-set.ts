/** A set of line numbers, one bit each: a file of a gigabyte has more than a million lines. */
export class LineSet {
  private bits = new Uint8Array(1024);
  private isEmpty = true;

  get empty(): boolean {
    return this.isEmpty;
  }

  add(number: number): void {
    const byte = number >>> 3;
    if (byte >= this.bits.length) {
      const grown = new Uint8Array(Math.max(byte + 1, this.bits.length * 2));
      grown.set(this.bits);
      this.bits = grown;
    }
    this.bits[byte] = (this.bits[byte] ?? 0) | (1 << (number & 7));
    this.isEmpty = false;
  }

  has(number: number): boolean {
    return ((this.bits[number >>> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }
}
