/** What a page shows, as it stands in the file: after these filters, the one to be undone first at the start. */
export interface PageContent {
  readonly bytes: Buffer;
  readonly filters: readonly string[];
}

/** A PDF of pages of lines in Helvetica, written by hand (ISO 32000-1 §7.5): ASCII without brackets and backslashes. */
export function pdfOf(pages: readonly (readonly string[])[], { title = '' } = {}): Buffer {
  const contents = pages.map((lines) => {
    const shown = `BT /F1 12 Tf 72 720 Td 14 TL ${lines.map((line) => `(${line}) Tj T*`).join(' ')} ET`;
    return { bytes: Buffer.from(shown, 'latin1'), filters: [] };
  });
  return pdfOfContents(contents, { title });
}

export function pdfOfContents(pages: readonly PageContent[], { title = '' } = {}): Buffer {
  const kids = pages.map((_page, at) => `${5 + 2 * at} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    `<< /Title (${title}) >>`,
    ...pages.flatMap((content, at) => pageOf(content, 6 + 2 * at)),
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, at) => {
    const offset = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 4 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(
    `${file}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}${trailer}`,
    'latin1',
  );
}

function pageOf({ bytes, filters }: PageContent, contents: number): [string, string] {
  const filter = filters.map((name) => `/${name}`).join(' ');
  return [
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${contents} 0 R >>`,
    `<< /Length ${bytes.length} /Filter [${filter}] >>\nstream\n${bytes.toString('latin1')}\nendstream`,
  ];
}
