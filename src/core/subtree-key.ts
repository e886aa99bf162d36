/** The request header that carries the key of the subtree whose paths are asked for. */
export const SUBTREE_KEY_HEADER = 'assent-subtree-key';

/** A subtree key: 132 bits in base64url. */
export const SUBTREE_KEY = /^[A-Za-z0-9_-]{22}$/;
