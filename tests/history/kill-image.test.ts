import { beforeAll, describe, expect, it } from '@jest/globals';
import { PATIENCE_MS, points, runKills, type KillReport } from './kill-run.js';

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
const STEPS = [
  'put:claim',
  'put:input',
  'put:artifact',
  'put:outbox',
  'put:record',
  'put:index',
  'deliver:events',
  'delete:outbox',
];

describe(`image, killed at each step of the commit protocol under load (SEED=${SEED})`, () => {
  let report: KillReport;
  beforeAll(async () => {
    report = await runKills({
      service: 'image',
      mutation: 'mutation ($input: GenerateImageInput!) { generateImage(input: $input) { id } }',
      input: (n) => ({ prompt: `un faro ${n}`, size: '64x64' }),
      steps: STEPS,
      seed: SEED,
    });
  }, PATIENCE_MS);

  it('was killed at each of them', () => {
    expect(report.killed.toSorted()).toEqual(points(STEPS).toSorted());
  });

  it('has lost nothing that it answered', () => {
    expect(report.early.size).toBeGreaterThan(STEPS.length);
    const answered = report.records.filter(({ status }) => status === 200).map(({ id }) => id);
    expect(answered).toEqual(expect.arrayContaining([...report.acknowledged.values()]));
  });

  it('has answered each key, in the end, by one request', () => {
    expect(report.acknowledged.size).toBe(report.keys.length);
    const answered = report.records.filter(({ status }) => status === 200);
    expect(answered).toHaveLength(report.keys.length);
  });

  it('has one line and one event for each record, and every file, as history:verify finds', () => {
    expect(report.verified.output).toContain('sound');
    expect(report.verified.output).not.toContain('fault:');
    expect(report.verified.code).toBe(0);
  });
});
