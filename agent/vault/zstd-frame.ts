const MAGIC = 0xfd2fb528;
/** Bytes of the field for the content's size, by the flag in the descriptor (RFC 8878, 3.1.1.1). */
const SIZE_BYTES = [0, 2, 4, 8];
const DICTIONARY_BYTES = [0, 1, 2, 4];

/**
 * What a zstd frame says of the size of its content (bytes); undefined where it says nothing or is
 * no frame. Nothing of it is proved.
 */
export function statedSize(frame: Uint8Array): number | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (view.byteLength < 5 || view.getUint32(0, true) !== MAGIC) return undefined;
  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0; // no window size, and always a content size
  const flag = descriptor >> 6;
  const at = 5 + (isSingleSegment ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3]!;
  const bytes = flag === 0 && isSingleSegment ? 1 : SIZE_BYTES[flag]!;
  if (bytes === 0 || at + bytes > view.byteLength) return undefined;
  if (bytes === 1) return view.getUint8(at);
  if (bytes === 2) return view.getUint16(at, true) + 256;
  return bytes === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}
