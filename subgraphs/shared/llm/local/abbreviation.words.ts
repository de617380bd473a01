/** A full stop after these does not end a sentence; the segmenter cannot know. Initials count: J. S. Bach, the U.S. economy. */
export const ABBREVIATION =
  /(?:^|[\s(«"“])(?:(?:\p{Lu}\.)*\p{Lu}|Mr|Mrs|Ms|Dr|Prof|St|vs|No|Sr|Sra|Srta|Dra|Ud|Uds|Vd|Vds|Lic|Ing|Av|pág|núm|e\.g|i\.e|p\.ej|approx|cf|Fig|fig)\.\s*$/u;
