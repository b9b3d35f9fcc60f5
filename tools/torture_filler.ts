/** The directory of what fills the disk, in a configuration directory. */
export const FILLER = "filler";
