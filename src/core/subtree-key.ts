/** The header in which whoever asks for a subtree's paths shows its key. */
export const SUBTREE_KEY_HEADER = 'assent-subtree-key';

/** A subtree key: 132 bits in base64url. */
export const SUBTREE_KEY = /^[A-Za-z0-9_-]{22}$/;
