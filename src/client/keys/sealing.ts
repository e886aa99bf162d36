import { x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { base64url } from 'jose';
import { z } from 'zod';
import { DomainError } from '../../core/errors.js';

/**
 * The X25519 key pair that consents are sealed to. The public key is published with the requester's
 * name.
 */
export interface SealingKey {
  /** 32 bytes. */
  readonly secretKey: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** Bytes that only one key opens; every member is base64url. */
export interface Sealed {
  readonly form: typeof FORM;
  /** The sender's one-time public key. */
  readonly ephemeral: string;
  readonly ciphertext: string;
}

const FORM = 'assent/sealed/1';
const MAX_CIPHERTEXT = 65_536;

const SealedSchema = z.strictObject({
  form: z.literal(FORM),
  ephemeral: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  ciphertext: z
    .string()
    .max(MAX_CIPHERTEXT)
    .regex(/^[A-Za-z0-9_-]+$/),
});

export function newSealingKey(): SealingKey {
  return x25519.keygen();
}

/**
 * Seals bytes to a public key: one-time X25519, HKDF-SHA-256 over both public keys, AES-256-GCM. It
 * does not say who sealed them: the content itself must prove its origin.
 *
 * @throws SEALED_UNREADABLE for a public key that is not one.
 */
export async function seal(bytes: Uint8Array, recipient: Uint8Array): Promise<Sealed> {
  const ephemeral = x25519.keygen();
  const key = await sharedKey(ephemeral.secretKey, recipient, ephemeral.publicKey, recipient);
  const ciphertext = await globalThis.crypto.subtle.encrypt(GCM, key, plain(bytes));
  return {
    form: FORM,
    ephemeral: base64url.encode(ephemeral.publicKey),
    ciphertext: base64url.encode(new Uint8Array(ciphertext)),
  };
}

/** @throws SEALED_UNREADABLE for another form, another key, or a single changed bit. */
export async function unseal(sealed: unknown, { secretKey, publicKey }: SealingKey) {
  const parsed = SealedSchema.safeParse(sealed);
  if (!parsed.success) throw new DomainError('SEALED_UNREADABLE', { form: FORM });
  const sender = base64url.decode(parsed.data.ephemeral);
  const key = await sharedKey(secretKey, sender, sender, publicKey);
  const ciphertext = plain(base64url.decode(parsed.data.ciphertext));
  try {
    return new Uint8Array(await globalThis.crypto.subtle.decrypt(GCM, key, ciphertext));
  } catch {
    throw new DomainError('SEALED_UNREADABLE');
  }
}

/** The nonce may be constant, because each seal derives a key of its own. */
const GCM = { name: 'AES-GCM', iv: new Uint8Array(12) };

async function sharedKey(
  secretKey: Uint8Array,
  publicKey: Uint8Array,
  sender: Uint8Array,
  recipient: Uint8Array,
) {
  const salt = new Uint8Array([...sender, ...recipient]);
  const key = hkdf(sha256, agree(secretKey, publicKey), salt, new TextEncoder().encode(FORM), 32);
  return globalThis.crypto.subtle.importKey('raw', plain(key), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ]);
}

function agree(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  try {
    return x25519.getSharedSecret(secretKey, publicKey);
  } catch {
    // A key of low order would make the secret the same for everyone.
    throw new DomainError('SEALED_UNREADABLE');
  }
}

/** A copy over a plain ArrayBuffer, which WebCrypto's types require. */
function plain(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
