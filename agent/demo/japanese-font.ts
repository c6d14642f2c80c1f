import { createRequire } from "node:module";

const { resolve } = createRequire(import.meta.url);

/**
 * Files of Noto Sans JP (SIL Open Font License) to embed in a PDF: no viewer has to bring a Japanese font.
 * TrueType outlines on purpose: pdfkit has lost characters of Japanese CFF fonts (.otf; pdfkit issues 908, 1106).
 */
export const JAPANESE_FONT: { readonly regular: string; readonly bold: string } = {
  regular: resolve("@expo-google-fonts/noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf"),
  bold: resolve("@expo-google-fonts/noto-sans-jp/700Bold/NotoSansJP_700Bold.ttf"),
};
