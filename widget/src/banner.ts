// What visitors choose in a consent banner that speaks the IAB's TCF: purpose 1 is storage on the device.
import { guard } from './guard';

interface TcData {
  eventStatus?: string;
  gdprApplies?: boolean;
  purpose?: { consents?: { [purpose: string]: boolean } };
}
type Page = {
  __tcfapi(command: string, version: number, told: (data: TcData, ok: boolean) => void): void;
  exitpoll(...command: unknown[]): void;
};

export function start(): void {
  const page = window as unknown as Page;
  const told = (data: TcData, ok: boolean): void => {
    if (!ok || !/^(tcloaded|useractioncomplete)$/.test(data.eventStatus!)) return;
    page.exitpoll('banner', data.gdprApplies === false || data.purpose?.consents?.[1] ? 'granted' : 'anonymous');
  };
  guard(() => page.__tcfapi('addEventListener', 2, guard(told)))();
}
