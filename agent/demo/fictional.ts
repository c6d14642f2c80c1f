/**
 * Every name in the sample. They are built from 見本, 例示, 架空 and the like, so that nobody takes one for a
 * real firm or person, and hold what real ledgers hold: ㈱ and 髙 are in CP932 but not in JIS X 0208.
 */
export const COMPANY = {
  name: "株式会社みほん商店",
  address: "〒000-0000 例示県見本市架空町0-0-0",
  telephone: "03-0000-0000",
  registration: "T0000000000000",
  bank: "みほん銀行 例示支店 普通 0000000",
} as const;

export const CUSTOMER_NAMES = [
  "株式会社みほん食品",
  "例示物産株式会社",
  "有限会社見本印刷",
  "㈱サンプル運輸",
  "髙見本工務店",
  "仮名商事株式会社",
  "株式会社がくぶち工房",
  "株式会社例示電機",
  "みほん水産合同会社",
  "見本町青果株式会社",
  "架空建材株式会社",
  "例題製作所",
  "株式会社見本包装",
  "有限会社ひながた木工",
  "株式会社てほん文具",
  "見本精機株式会社",
  "例示製麺所",
  "みほん酒店",
  "株式会社見本クリーニング",
  "架空園芸有限会社",
  "ダミー梱包㈱",
  "例示不動産株式会社",
  "株式会社たとえば企画",
  "株式会社見本ビルサービス",
] as const;

export const PERSONS = ["見本 太郎", "例示 花子", "架空 一郎", "仮名 良子", "髙見本 次郎"] as const;

/** What the company sells, and the price of one, without tax. All at 10 %: food would need the reduced rate. */
export const GOODS = [
  { name: "段ボール箱 M 20枚組", price: 3_200n },
  { name: "包装紙 ロール 50m", price: 2_450n },
  { name: "コピー用紙 A4 5,000枚", price: 4_980n },
  { name: "ラベルシール 100シート", price: 1_850n },
  { name: "手提げ紙袋 200枚", price: 9_600n },
  { name: "緩衝材 ロール 42m", price: 3_750n },
  { name: "名入れ封筒 1,000枚", price: 12_800n },
] as const;
