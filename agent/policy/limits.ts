/** Letters of a text that is looked at, 4096 being the longest path of Linux: so no text makes a check slow. */
export const LONGEST = 4096;
