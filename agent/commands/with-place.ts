import { Workplace } from "../jobs/common/workplace.ts";
import type { Session } from "./command.ts";

/** Opens the policy for one command and closes it afterwards. */
export async function withPlace<T>(
  session: Session,
  options: { alone: boolean },
  work: (place: Workplace) => Promise<T>,
): Promise<T> {
  await using place = await Workplace.open(session.policyFile, session.around, options);
  session.speak(place.policy.language);
  try {
    return await work(place);
  } catch (error) {
    throw place.faultOf(error);
  }
}
