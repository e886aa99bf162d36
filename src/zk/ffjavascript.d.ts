declare module 'ffjavascript' {
  type CurvePoint = Uint8Array;
  interface Group {
    /** From affine coordinates, a bigint or a pair of them each. [0, 0] is taken for infinity. */
    fromObject(coordinates: readonly (bigint | readonly bigint[])[]): CurvePoint;
    timesScalar(point: CurvePoint, scalar: bigint): CurvePoint;
    isZero(point: CurvePoint): boolean;
    /** Points in a file's Montgomery form to big-endian affine coordinates. */
    batchLEMtoU(points: Uint8Array): Promise<Uint8Array>;
  }
  export interface Curve {
    readonly G1: Group;
    readonly G2: Group;
    terminate(): Promise<void>;
  }
  export function buildBn128(singleThread: boolean): Promise<Curve>;
  export function getCurveFromName(name: string): Promise<Curve>;
}
