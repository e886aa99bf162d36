/**
 * The longest backup of a wallet's book that institutions keep, in characters of base64url: twelve
 * steps of 4,096 bytes, which hold some 250 consents, with nonce and tag.
 */
export const MAX_BACKUP_CHARACTERS = 65_574;

/** Bytes as a backup writes them. */
export const BACKUP_FORM = /^[A-Za-z0-9_-]+$/;
