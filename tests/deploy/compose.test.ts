import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { LLM_SERVICES } from '#shared/events/usage-event.js';

interface ComposeService {
  image: string;
  command?: string | string[];
  env_file?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  depends_on?: string[] | Record<string, unknown>;
}

const ROOT = resolve(import.meta.dirname, '../..');
const compose = parse(await readFile(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, ComposeService>;
};
const services = Object.entries(compose.services);

describe('docker-compose.yml', () => {
  it('has the services of the original, on the engines it names', () => {
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining([
        ...['pg', 'mongo', 'minio', 'redis', 'gateway', 'svc-auth', 'svc-analytics'],
        ...['svc-llm-image', 'svc-llm-summarize', 'svc-llm-chat'],
      ]),
    );
    expect(compose.services['pg']?.image).toBe('postgres:16');
    expect(compose.services['mongo']?.image).toBe('mongo:7');
  });

  it.each(services.filter(([, { image }]) => image === 'llm-supergraph:dev'))(
    '%s runs a program that exists',
    (_name, service) => {
      const [node, program] = service.command as string[];
      expect(node).toBe('node');
      expect(existsSync(join(ROOT, program ?? ''))).toBe(true);
    },
  );

  it.each(services.filter(([, { env_file }]) => env_file))(
    '%s takes settings for which there is a template',
    (_name, service) => {
      for (const file of service.env_file ?? [])
        expect(existsSync(join(ROOT, file.replace('.env.dev', '.env.example')))).toBe(true);
    },
  );

  it('waits only for services that it has', () => {
    for (const [, { depends_on }] of services) {
      const names = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on ?? {});
      for (const name of names) expect(compose.services).toHaveProperty(name);
    }
  });

  it('opens the door to the network and the engines to this machine only', () => {
    for (const [name, { ports = [] }] of services) {
      for (const port of ports) expect(name === 'gateway' || port.startsWith('127.0.0.1:')).toBe(true);
    }
  });

  it('makes the buckets that the services use', async () => {
    const made = compose.services['provision']?.environment?.['S3_BUCKETS']?.split(',');
    for (const service of LLM_SERVICES) {
      const template = await readFile(join(ROOT, `subgraphs/${service}/.env.example`), 'utf8');
      expect(made).toContain(/^S3_BUCKET=(.+)$/m.exec(template)?.[1]);
    }
  });
});

describe('infra/docker-compose.yml', () => {
  it('is the same compose file under the name of the original', async () => {
    const included = parse(await readFile(join(ROOT, 'infra/docker-compose.yml'), 'utf8')) as {
      include: { path: string }[];
    };
    expect(included.include.map(({ path }) => resolve(ROOT, 'infra', path))).toEqual([
      join(ROOT, 'docker-compose.yml'),
    ]);
  });
});

describe('Dockerfile', () => {
  it('copies only what is there', async () => {
    const text = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
    const copied = [...text.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, args]) =>
      (args ?? '').split(' ').slice(0, -1),
    );
    for (const path of copied) expect({ path, exists: existsSync(join(ROOT, path)) }).toEqual({ path, exists: true });
  });
});
