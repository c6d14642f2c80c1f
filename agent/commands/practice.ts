import { access } from "node:fs/promises";
import type { Workplace } from "../jobs/common/workplace.ts";
import { type Session, say } from "./command.ts";

/** A practice policy brings its own company: a sample is made where its folder is not there. */
export async function makePracticeData(session: Session, place: Workplace): Promise<void> {
  const { policy, around } = place;
  for (const folder of policy.datasets.flatMap(({ folders }) => folders)) {
    if (!(await isMissing(folder))) continue;
    // Loaded here: its libraries for PDF and Excel would make every command start more slowly.
    const { makeSampleCompany } = await import("../demo/sample-company.ts");
    const made = await makeSampleCompany(folder, { today: new Date(around.clock.now()) });
    if (!made.made) continue;
    const count = made.files.length;
    session.note(
      say(
        policy.language,
        `見本の会社のデータを作りました：${folder}（${count}件、得意先 ${made.customers}）`,
        `Made a sample company's data: ${folder} (${count} files, ${made.customers} customers)`,
      ),
    );
  }
}

async function isMissing(folder: string): Promise<boolean> {
  return await access(folder).then(
    () => false,
    () => true,
  );
}
