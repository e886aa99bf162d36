declare module 'circomlibjs' {
  type FieldElement = Uint8Array;
  interface WasmField {
    e(value: bigint): FieldElement;
    toObject(element: FieldElement): bigint;
  }
  interface WasmPoseidon {
    /** Inputs in Montgomery form, 32 bytes each, little-endian; so is the hash. */
    (inputs: Uint8Array): FieldElement;
    readonly F: WasmField;
  }
  interface Eddsa {
    readonly F: WasmField;
    prv2pub(seed: Uint8Array): [FieldElement, FieldElement];
    signPoseidon(
      seed: Uint8Array,
      message: FieldElement,
    ): { R8: [FieldElement, FieldElement]; S: bigint };
    verifyPoseidon(
      message: FieldElement,
      signature: { R8: [FieldElement, FieldElement]; S: bigint },
      publicKey: [FieldElement, FieldElement],
    ): boolean;
  }
  export function buildPoseidon(): Promise<WasmPoseidon>;
  export function buildEddsa(): Promise<Eddsa>;
}
