import koffi from "koffi";
import { Fault } from "../base/fault.ts";

/*
 * Functions of OpenSSL and zstd that Node's own binary holds and exports for add-ons. They write
 * where they are told, and one context serves for ever; the functions of node:crypto and node:zlib
 * make a context and a result for each call, which for a blob of 2 KB takes five times as long and
 * for large ones twice (docs/decisions/0012).
 *
 * Buffers are passed by address, and every call returns before the next begins: nothing moves and
 * nothing is freed meanwhile.
 */

/** A pointer of C. */
export type Pointer = object & { readonly pointer: unique symbol };

/** OpenSSL 3: functions give 1 where they succeed. docs.openssl.org, EVP_EncryptInit and EVP_MAC */
export interface OpenSsl {
  newCipher(): Pointer;
  aes256ctr(): Pointer;
  aes128ecb(): Pointer;
  /** What is null stays as it was. */
  encryptInit(
    cipher: Pointer,
    type: Pointer | null,
    engine: null,
    key: Uint8Array | null,
    iv: Uint8Array | null,
  ): number;
  /** `outLength`: room for an int. */
  encryptUpdate(
    cipher: Pointer,
    out: Uint8Array,
    outLength: Uint8Array,
    input: Uint8Array,
    length: number,
  ): number;
  fetchMac(library: null, name: string, properties: null): Pointer;
  newMac(type: Pointer): Pointer;
  macInit(mac: Pointer, key: Uint8Array, length: number, params: null): number;
  macUpdate(mac: Pointer, input: Uint8Array, length: number): number;
  macFinal(mac: Pointer, out: Uint8Array, outLength: null, room: number): number;
  fetchDigest(library: null, name: string, properties: null): Pointer;
  digest(
    input: Uint8Array,
    length: number,
    out: Uint8Array,
    outLength: null,
    type: Pointer,
    engine: null,
  ): number;
}

/** zstd 1.5. A size is a number; an error is a bigint, as it lies just below 2^64 (zstd_errors.h). */
export interface Zstd {
  newCompressor(): Pointer;
  setParameter(compressor: Pointer, parameter: number, value: number): number | bigint;
  compress(
    compressor: Pointer,
    out: Uint8Array,
    room: number,
    input: Uint8Array,
    length: number,
  ): number | bigint;
  newDecompressor(): Pointer;
  decompress(
    decompressor: Pointer,
    out: Uint8Array,
    room: number,
    input: Uint8Array,
    length: number,
  ): number | bigint;
}

export const openssl: OpenSsl = bind<OpenSsl>({
  newCipher: "void *EVP_CIPHER_CTX_new()",
  aes256ctr: "const void *EVP_aes_256_ctr()",
  aes128ecb: "const void *EVP_aes_128_ecb()",
  encryptInit: "int EVP_EncryptInit_ex(void *, const void *, void *, const void *, const void *)",
  encryptUpdate: "int EVP_EncryptUpdate(void *, void *, void *, const void *, int)",
  fetchMac: "void *EVP_MAC_fetch(void *, const char *, const char *)",
  newMac: "void *EVP_MAC_CTX_new(void *)",
  macInit: "int EVP_MAC_init(void *, const void *, size_t, const void *)",
  macUpdate: "int EVP_MAC_update(void *, const void *, size_t)",
  macFinal: "int EVP_MAC_final(void *, void *, void *, size_t)",
  fetchDigest: "void *EVP_MD_fetch(void *, const char *, const char *)",
  digest: "int EVP_Digest(const void *, size_t, void *, void *, const void *, void *)",
});

export const zstd: Zstd = bind<Zstd>({
  newCompressor: "void *ZSTD_createCCtx()",
  setParameter: "size_t ZSTD_CCtx_setParameter(void *, int, int)",
  compress: "size_t ZSTD_compress2(void *, void *, size_t, const void *, size_t)",
  newDecompressor: "void *ZSTD_createDCtx()",
  decompress: "size_t ZSTD_decompressDCtx(void *, void *, size_t, const void *, size_t)",
});

function bind<Functions>(prototypes: Record<keyof Functions, string>): Functions {
  const self = koffi.load(null);
  const entries = Object.entries<string>(prototypes);
  try {
    return Object.fromEntries(entries.map(([name, text]) => [name, self.func(text)])) as Functions;
  } catch (cause) {
    throw new Fault("runtime", {
      what: {
        ja: "この Node には、mikura が使う関数がありません",
        en: "This Node lacks functions that mikura uses",
      },
      next: {
        ja: "bin/mikura で始めてください。mikura と一緒に入る Node を使います",
        en: "Start with bin/mikura, which uses the Node that is installed with mikura",
      },
      cause,
    });
  }
}
