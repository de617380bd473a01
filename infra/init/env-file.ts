import { readFile, writeFile } from 'node:fs/promises';

/**
 * Writes an env file from its template, each empty setting filled from `values`; a file that is there stays as it is.
 * Returns whether it was written. Throws when the template leaves a setting empty that `values` does not hold.
 */
export async function writeEnvFile(
  template: string,
  target: string,
  values: Readonly<Record<string, string>>,
): Promise<boolean> {
  const text = filled(await readFile(template, 'utf8'), values);
  try {
    await writeFile(target, text, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Line breaks inside a value are written as `\n`, as env files carry a PEM. */
export function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/^([A-Z_0-9]+)=$/gm, (_line, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`There is no value for ${name}.`);
    return `${name}=${value.trim().replaceAll('\n', String.raw`\n`)}`;
  });
}
