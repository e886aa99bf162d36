declare module 'ffjavascript' {
  /** Coordinates in Montgomery form: two of them affine, three Jacobian. */
  type CurvePoint = Uint8Array;
  /** An element of a field, of G2's field pairs, or of the pairing's target group. */
  type Element = Uint8Array;
  interface Field {
    mul(a: Element, b: Element): Element;
    neg(a: Element): Element;
    eq(a: Element, b: Element): boolean;
    readonly one: Element;
    fromObject(value: bigint | readonly bigint[]): Element;
  }
  interface Group {
    readonly F: Field;
    /** Infinity, Jacobian. */
    readonly zero: CurvePoint;
    /** From affine coordinates, a bigint or a pair of them each. [0, 0] is taken for infinity. */
    fromObject(coordinates: readonly (bigint | readonly bigint[])[]): CurvePoint;
    /** A scalar as bytes is little-endian. In variable time. */
    timesScalar(point: CurvePoint, scalar: bigint | Uint8Array): CurvePoint;
    add(a: CurvePoint, b: CurvePoint): CurvePoint;
    double(point: CurvePoint): CurvePoint;
    neg(point: CurvePoint): CurvePoint;
    eq(a: CurvePoint, b: CurvePoint): boolean;
    isZero(point: CurvePoint): boolean;
    toJacobian(point: CurvePoint): CurvePoint;
    /** Points in a file's Montgomery form to big-endian affine coordinates. */
    batchLEMtoU(points: Uint8Array): Promise<Uint8Array>;
  }
  export interface Curve {
    readonly G1: Group;
    readonly G2: Group;
    readonly F1: Field;
    readonly F2: Field;
    readonly Gt: Field;
    /** Both take Jacobian coordinates, and say nothing of infinity that a Miller loop could use. */
    prepareG1(point: CurvePoint): Uint8Array;
    prepareG2(point: CurvePoint): Uint8Array;
    millerLoop(prepared1: Uint8Array, prepared2: Uint8Array): Element;
    finalExponentiation(value: Element): Element;
    terminate(): Promise<void>;
  }
  export function buildBn128(singleThread: boolean): Promise<Curve>;
  export function getCurveFromName(name: string): Promise<Curve>;
}
