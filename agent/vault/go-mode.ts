import { constants } from "node:fs";

// Go's os.FileMode is a uint32 whose top bit is in use: bit operators of JavaScript would make
// directories negative, so its bits are added and tested by arithmetic.
const GO = {
  dir: 2 ** 31,
  symlink: 2 ** 27,
  device: 2 ** 26,
  namedPipe: 2 ** 25,
  socket: 2 ** 24,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  charDevice: 2 ** 21,
  sticky: 2 ** 20,
  irregular: 2 ** 19,
} as const;

const TYPES: readonly (readonly [unix: number, go: number])[] = [
  [constants.S_IFREG, 0],
  [constants.S_IFDIR, GO.dir],
  [constants.S_IFLNK, GO.symlink],
  [constants.S_IFCHR, GO.device + GO.charDevice],
  [constants.S_IFBLK, GO.device],
  [constants.S_IFIFO, GO.namedPipe],
  [constants.S_IFSOCK, GO.socket],
];

const SPECIAL: readonly (readonly [unix: number, go: number])[] = [
  [0o4000, GO.setuid],
  [0o2000, GO.setgid],
  [0o1000, GO.sticky],
];
const TYPE_BITS = [
  GO.dir,
  GO.symlink,
  GO.device,
  GO.charDevice,
  GO.namedPipe,
  GO.socket,
  GO.irregular,
];

/** `st_mode` of lstat, type included, to Go's os.FileMode. */
export function toGoMode(stMode: number): number {
  const type = stMode & constants.S_IFMT;
  const known = TYPES.find(([unix]) => unix === type);
  return SPECIAL.reduce(
    (mode, [unix, go]) => mode + (stMode & unix ? go : 0),
    (stMode & 0o777) + (known ? known[1] : GO.irregular),
  );
}

/** Go's os.FileMode to `st_mode`; the type bits are 0 where Go names none or several types. */
export function fromGoMode(goMode: number): number {
  const type = sum(TYPE_BITS.filter((bit) => hasBit(goMode, bit)));
  const known = TYPES.find(([, go]) => go === type);
  const special = SPECIAL.filter(([, go]) => hasBit(goMode, go)).map(([unix]) => unix);
  return (known ? known[0] : 0) + sum(special) + (goMode % 0o1000);
}

function hasBit(mode: number, bit: number): boolean {
  return Math.floor(mode / bit) % 2 === 1;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
