/** The part of sodium-native that mikura calls; the package ships no types. */
declare module "sodium-native" {
  /** Poly1305: the 16-byte tag of `input` under the 32-byte one-time key `k`, into `out`. */
  export function crypto_onetimeauth(out: Uint8Array, input: Uint8Array, k: Uint8Array): void;
  /** Compares in constant time. */
  export function crypto_onetimeauth_verify(
    tag: Uint8Array,
    input: Uint8Array,
    k: Uint8Array,
  ): boolean;
}
